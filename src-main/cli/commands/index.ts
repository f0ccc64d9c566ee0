import type { Command } from 'commander';
import type { CliContext } from '../context.ts';

/** A command is one file and one row here. */
export const commandTable: readonly ((program: Command, context: CliContext) => void)[] = [];
