import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { app } from 'electron';
import { runCli } from '../cli/run-cli.ts';
import { resolveHome } from '../models/home.ts';
import { forkUtility } from './utility-host.ts';

/** What they need is not in a package: references and charts, the demo's clips, pages outside of the archive. */
const without = ['bench', 'demo', 'serve'];

/** The `hetcut` command in the packaged program, without a window. `bundles`: the folder of the bundles. */
export async function runCommand(argv: readonly string[], bundles: string): Promise<void> {
  // Chromium's own files: not those of a window that may be open.
  const userData = join(resolveHome(process.env), 'app', 'command');
  mkdirSync(userData, { recursive: true });
  app.setPath('userData', userData);
  app.disableHardwareAcceleration();
  app.dock?.hide();
  await app.whenReady();
  const code = await runCli(argv, {
    startHost: (purpose) => forkUtility(join(bundles, 'host.cjs'), purpose),
    without,
  });
  // What was written goes out first: a pipe takes it later.
  await Promise.all(
    [process.stdout, process.stderr].map((stream) => new Promise((done) => stream.write('', done))),
  );
  app.exit(code);
}
