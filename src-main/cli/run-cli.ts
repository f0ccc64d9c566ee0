import { Command, CommanderError } from 'commander';
import { HetcutError } from '../../src-shared/core/errors/index.ts';
import { useProvider } from '../gpu/index.ts';
import { programVersion } from '../jobs/program-version.ts';
import { resolveHome } from '../models/home.ts';
import type { StartHost } from '../host/message-loop.ts';
import type { CliContext } from './context.ts';
import { commandTable } from './commands/index.ts';
import { createOutput } from './terminal.ts';

/** How the command is run: by Node from a checkout, or by the packaged program. */
export interface CliProcess {
  readonly startHost: StartHost;
  /** Runs the command again in a process whose loader knows CUDA's folders; absent: hosts are started with them. */
  readonly startAgain?: (argv: readonly string[]) => Promise<number>;
  /** Commands that are not offered, by their names. */
  readonly without: readonly string[];
}

/** Every leaf command takes --json; walking the tree keeps it one rule. */
function addJsonOption(command: Command): void {
  if (command.commands.length === 0) {
    command.option('--json', 'one JSON document on stdout, progress as JSON lines on stderr');
  }
  command.commands.forEach(addJsonOption);
}

function buildProgram(context: CliContext, version: string, without: readonly string[]): Command {
  const program = new Command('hetcut')
    .description('Removes or changes what you paint over in a clip, on your own machine.')
    .version(version, '-V, --version', "the program's version");
  for (const register of commandTable) register(program, context);
  const offered = program.commands.filter((command) => !without.includes(command.name()));
  (program.commands as Command[]).splice(0, Infinity, ...offered);
  addJsonOption(program);
  const override = (command: Command): void => {
    command.exitOverride();
    command.configureOutput({ outputError: () => undefined });
    command.commands.forEach(override);
  };
  override(program);
  return program;
}

/** Prints the failure in the asked form and returns the exit code. */
function reportFailure(error: unknown, json: boolean): number {
  const known =
    error instanceof HetcutError
      ? error
      : error instanceof CommanderError
        ? new HetcutError('usage', error.message.replace(/^error: /, ''), {
            hint: 'Run the command with --help for its options.',
            exitCode: 2,
          })
        : undefined;
  const shown = known ?? {
    code: 'unexpected',
    message: error instanceof Error ? error.message : String(error),
    hint: 'This is a bug in HetCut. Run again with HETCUT_DEBUG=1 to see where, and report it.',
    details: {},
    exitCode: 1,
  };
  if (json) {
    const { code, message, hint, details } = shown;
    process.stdout.write(`${JSON.stringify({ ok: false, code, message, hint, details })}\n`);
  } else {
    process.stderr.write(`hetcut: ${shown.message}\n  ${shown.hint}\n`);
  }
  if (process.env['HETCUT_DEBUG'] && error instanceof Error) process.stderr.write(`${error.stack ?? ''}\n`);
  return shown.exitCode;
}

/** Runs the command line `argv` (without node and script) and returns the exit code. */
export async function runCli(
  argv: readonly string[],
  { startHost, startAgain, without }: CliProcess,
): Promise<number> {
  const json = argv.includes('--json');
  const output = createOutput(json, process.stdout, process.stderr);
  const abort = new AbortController();
  const onSignal = (): void => abort.abort();
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
  let exitCode = 0;
  const markFailed = (): void => {
    exitCode = 1;
  };
  const context: CliContext = {
    home: resolveHome(process.env),
    json,
    signal: abort.signal,
    markFailed,
    startHost,
    ...output,
  };
  try {
    const isElsewhere = await useProvider(context.home);
    if (isElsewhere && startAgain !== undefined) return await startAgain(argv);
    await buildProgram(context, await programVersion(), without).parseAsync([...argv], { from: 'user' });
    return exitCode;
  } catch (error) {
    // --help and --version end this way too, with code 0.
    if (error instanceof CommanderError && error.exitCode === 0) return 0;
    output.endProgress();
    return reportFailure(error, json);
  } finally {
    output.endProgress();
    process.off('SIGINT', onSignal);
    process.off('SIGTERM', onSignal);
  }
}
