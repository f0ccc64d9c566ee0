import { utilityProcess } from 'electron';
import type { HostProcess, HostPurpose } from '../host/message-loop.ts';
import type { HostRequest } from '../host/messages.ts';

const serviceNames: Readonly<Record<HostPurpose, string>> = {
  job: 'HetCut inference',
  estimates: 'HetCut estimates',
  selecting: 'HetCut selecting',
};

/** Starts the inference host, bundled at `hostPath`, in a utility process of Electron. */
export function forkUtility(hostPath: string, purpose: HostPurpose): HostProcess {
  const child = utilityProcess.fork(hostPath, [], {
    serviceName: serviceNames[purpose],
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let stderrTail = '';
  child.stderr?.on('data', (text: Buffer) => {
    stderrTail = (stderrTail + text.toString('utf8')).slice(-2000);
  });
  /** What is to be sent once it runs; undefined as soon as it does. */
  let waiting: HostRequest[] | undefined = [];
  let unwanted = false;
  let ended = false;
  function kill(): void {
    unwanted = true;
    if (ended || child.pid === undefined) return;
    // `child.kill` asks politely, which a process inside a long network call does not react to.
    if (process.platform === 'win32') child.kill();
    else process.kill(child.pid, 'SIGKILL');
  }
  child.on('spawn', () => {
    for (const request of waiting ?? []) child.postMessage(request);
    waiting = undefined;
    if (unwanted) kill();
  });
  child.on('exit', () => (ended = true));
  return {
    send(request) {
      if (ended) return;
      if (waiting === undefined) child.postMessage(request);
      else waiting.push(request);
    },
    onReply: (listener) => void child.on('message', listener),
    // A host that cannot start ends.
    onError: () => undefined,
    onEnd: (listener) => void child.on('exit', (code) => listener(`code ${code}`)),
    stderrTail: () => stderrTail,
    kill,
    waitsForKill: true,
  };
}
