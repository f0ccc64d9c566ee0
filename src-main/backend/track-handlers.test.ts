import { describe, expect, it } from 'vitest';
import { cancelledError } from '../../src-shared/core/errors/index.ts';
import type { Events } from '../../src-shared/ipc/index.ts';
import type { HostProcess, StartHost } from '../host/message-loop.ts';
import type { HostReply, HostRequest } from '../host/messages.ts';
import type { BackendParts } from './backend-parts.ts';
import { trackHandlers } from './track-handlers.ts';

type Progress = Events['track.progress'];
const only = [{ startFrame: 1, endFrame: 5 }];
const asked = { trackId: 't', clipPath: '/a.mp4', keys: [{ frame: 0, mask: 'KC' }], only };
const masks = [1, 2, 3].map((frame) => ({ frame, mask: 'KC', confidence: 0.8 }));

/** A host that says what it is told to; `end` ends it without a last word. */
function fakeHost(
  onRequest: (request: HostRequest, say: (reply: HostReply) => void, end: () => void) => void,
) {
  const requests: HostRequest[] = [];
  const start: StartHost = () => {
    let listener: (reply: HostReply) => void = () => undefined;
    let onEnd: (how: string) => void = () => undefined;
    let ended = false;
    const end = (): void => {
      if (!ended) queueMicrotask(() => onEnd('SIGKILL'));
      ended = true;
    };
    const host: HostProcess = {
      send(request) {
        requests.push(request);
        onRequest(request, (reply) => listener(reply), end);
      },
      onReply: (next) => void (listener = next),
      onError: () => undefined,
      onEnd: (next) => void (onEnd = next),
      stderrTail: () => '',
      kill: end,
      waitsForKill: true,
    };
    return host;
  };
  return { start, requests };
}

function handlers(startHost: StartHost, told: Progress[] = []) {
  return trackHandlers({
    home: '/home',
    paths: { require: async (path: string) => path },
    startHost,
    settings: { current: { segmenterId: null } },
    emit: (_name: string, value: Progress) => void told.push(value),
    signal: new AbortController().signal,
  } as unknown as BackendParts);
}

const sayMasks = (say: (reply: HostReply) => void): void => {
  for (const mask of masks) {
    say({ type: 'tracked', mask });
    say({ type: 'progress', event: { stage: 'track', step: mask.frame, steps: 4, unit: 'frames' } });
  }
};

describe('tracking for the window', () => {
  it('answers with the newest mask of each frame, and tells them meanwhile', async () => {
    const told: Progress[] = [];
    const { start, requests } = fakeHost((request, say) => {
      if (request.type !== 'run') return;
      sayMasks(say);
      say({ type: 'tracked', mask: { ...masks[0], confidence: 0.9 } });
      say({ type: 'done', result: { notes: [{ kind: 'cut', from: 0, frame: 4 }] } });
    });
    const end = await handlers(start, told)['track.start'](asked);
    expect(end).toEqual({
      stopped: false,
      frames: [{ ...masks[0], confidence: 0.9 }, masks[1], masks[2]],
      remarks: [{ kind: 'cut', from: 0, frame: 4 }],
    });
    expect(told[0]).toEqual({ trackId: 't', share: 0.25, frames: [masks[0]] });
    expect(requests[0]).toMatchObject({
      type: 'run',
      job: { kind: 'track', clipPath: '/a.mp4', keys: asked.keys, only, direction: 'both' },
    });
  });

  it('keeps what is done when it is stopped, and is free again', async () => {
    const { start } = fakeHost((request, say) => {
      if (request.type === 'run') sayMasks(say);
      if (request.type === 'cancel') {
        const { code, message, hint, exitCode, details } = cancelledError();
        say({ type: 'failed', failure: { code, message, hint, exitCode, details } });
      }
    });
    const made = handlers(start);
    for (let run = 0; run < 2; run++) {
      const end = made['track.start'](asked);
      await expect(made['track.start']({ ...asked, trackId: 'u' })).rejects.toMatchObject({
        code: 'track-busy',
      });
      // Of another tracking: nothing is stopped.
      await made['track.stop']({ trackId: 'u' });
      await new Promise((resolve) => setTimeout(resolve));
      await made['track.stop']({ trackId: 't' });
      expect(await end).toEqual({ stopped: true, frames: masks, remarks: [] });
    }
  });

  it('can be stopped before anything has started', async () => {
    const { start, requests } = fakeHost(() => undefined);
    const made = handlers(start);
    const end = made['track.start'](asked);
    await made['track.stop']({ trackId: 't' });
    expect(await end).toEqual({ stopped: true, frames: [], remarks: [] });
    expect(requests).toEqual([]);
  });

  it('has told all masks when its process ends unexpectedly', async () => {
    const told: Progress[] = [];
    const { start } = fakeHost((request, say, end) => {
      if (request.type !== 'run') return;
      sayMasks(say);
      end();
    });
    await expect(handlers(start, told)['track.start'](asked)).rejects.toMatchObject({ code: 'host-died' });
    expect(told.flatMap(({ frames }) => frames)).toEqual(masks);
  });
});
