import { once } from 'node:events';
import { stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Option, type Command } from 'commander';
import { usageError } from '../../../src-shared/core/errors/index.ts';
import { startServer } from '../../serve/start-server.ts';
import type { CliContext } from '../context.ts';
import { wholeNumber } from './edit.ts';

const builtPages = fileURLToPath(new URL('../../../dist/renderer', import.meta.url));

async function requireFolder(path: string): Promise<void> {
  const entry = await stat(path).catch(() => undefined);
  if (entry?.isDirectory() === true) return;
  throw usageError('folder-missing', `--folder ${path} is not a folder.`, 'Name a folder that exists.');
}

export function registerServe(program: Command, context: CliContext): void {
  program
    .command('serve')
    .description('Shows the program in a browser on this machine, until Ctrl-C.')
    .option('--port <n>', 'of 127.0.0.1; default: one that is free', wholeNumber('--port', 1, 65_535))
    .option('--folder <dir>', 'what the browser may see and write to; default: your home')
    // For pages that are being worked on.
    .addOption(new Option('--pages <dir>').default(builtPages).hideHelp())
    .action(async (flags: { port?: number; folder?: string; pages: string }) => {
      const browseFolder = resolve(flags.folder ?? homedir());
      await requireFolder(browseFolder);
      const server = await startServer({
        home: context.home,
        startHost: context.startHost,
        onNote: context.note,
        browseFolder,
        pagesFolder: resolve(flags.pages),
        port: flags.port ?? 0,
      });
      context.answer({ url: server.url }, `Open ${server.url}\nCtrl-C ends the program.`);
      if (!context.signal.aborted) await once(context.signal, 'abort');
      await server.close();
    });
}
