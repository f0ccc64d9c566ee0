import { join } from 'node:path';
import { createBackend } from '../backend/create-backend.ts';
import { runApp } from './run-app.ts';

/** Of the script `command/hetcut` in a package: what follows is for the command. */
const command = process.argv.indexOf('--cli');

// Bundled into dist/app: the pages are next to that folder.
if (command < 0) runApp(createBackend, { bundles: __dirname, pages: join(__dirname, '..', 'renderer') });
else {
  const [first, ...rest] = process.argv.slice(command + 1);
  const argv = first === '--' ? rest : first === undefined ? [] : [first, ...rest];
  void import('./command.ts').then(({ runCommand }) => runCommand(argv, __dirname));
}
