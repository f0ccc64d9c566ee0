import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { forkHost } from '../host/client.ts';
import { runCli } from './run-cli.ts';

/** Runs the same command in a process whose loader knows CUDA's folders; returns its exit code. */
async function startAgain(argv: readonly string[]): Promise<number> {
  const [, script = ''] = process.argv;
  const child = spawn(process.execPath, [...process.execArgv, script, ...argv], { stdio: 'inherit' });
  // Ctrl-C reaches the whole group; that of another process is passed on. This one waits for the other's clean end.
  process.on('SIGTERM', () => child.kill('SIGTERM'));
  const [code] = (await once(child, 'close')) as [number | null];
  return code ?? 1;
}

process.exitCode = await runCli(process.argv.slice(2), { startHost: forkHost, startAgain, without: [] });
