import type { FrameRange } from '../../../src-shared/project/index.ts';
import type { VideoFrame } from '../../engine/frames.ts';
import { ClipReader } from '../frame-source.ts';
import type { MediaTools } from '../picture-reader.ts';
import type { ProbedClip } from '../probe.ts';
import type { CopyPlan } from './copy-plan.ts';
import { refuse } from './refusal.ts';

/** Frames that are compared on either side of a join, at most: about two seconds. */
const mostCompared = 48;

const alike = (a: VideoFrame, b: VideoFrame): boolean =>
  a.planes.every((plane, i) => {
    const other = b.planes[i];
    return (
      Buffer.from(plane.buffer, plane.byteOffset, plane.byteLength).compare(
        Buffer.from(other.buffer, other.byteOffset, other.byteLength),
      ) === 0
    );
  });

/** What is decoded in one go: each encoded stretch, and what is copied before and behind it. */
export function passesOf({ pieces }: Pick<CopyPlan, 'pieces'>): FrameRange[] {
  const passes: FrameRange[] = [];
  for (const [i, piece] of pieces.entries()) {
    if (piece.kind !== 'encode') continue;
    const before = pieces.at(i - 1);
    const behind = pieces.at(i + 1);
    const startFrame =
      i === 0 ? piece.startFrame : Math.max(before?.startFrame ?? 0, piece.startFrame - mostCompared);
    const endFrame = Math.min(behind?.endFrame ?? piece.endFrame, piece.endFrame + mostCompared);
    const last = passes.at(-1);
    if (last !== undefined && last.endFrame >= startFrame) passes[passes.length - 1] = { ...last, endFrame };
    else passes.push({ startFrame, endFrame });
  }
  return passes;
}

/**
 * Decodes a joined file through each join, as a player does: every frame has to come, without a complaint of the decoder, and
 * copied ones have to be the source's to the bit. Throws `CopyRefusal`.
 */
export async function checkJoins(
  tools: MediaTools,
  joined: ProbedClip,
  plan: CopyPlan,
  signal?: AbortSignal,
): Promise<void> {
  const output = new ClipReader(tools, joined);
  const source = new ClipReader(tools, plan.source);
  const copies = plan.pieces.filter(({ kind }) => kind === 'copy');
  for (const pass of passesOf(plan)) {
    const results = output.frames(pass.startFrame, pass.endFrame, signal);
    for (const copy of copies) {
      const startFrame = Math.max(copy.startFrame, pass.startFrame);
      const endFrame = Math.min(copy.endFrame, pass.endFrame);
      if (startFrame >= endFrame) continue;
      const [from, to] = [startFrame + plan.firstFrame, endFrame + plan.firstFrame];
      for await (const before of source.frames(from, to, signal)) {
        for (;;) {
          const step = await results.next();
          if (step.done === true) refuse('a frame is missing');
          const { value } = step;
          if (value.index < startFrame) continue;
          if (alike(before, value)) break;
          checkDamage(output);
          refuse(`frame ${value.index} is not the clip’s`);
        }
      }
    }
    // What is left of an encoded stretch is decoded as well.
    for await (const _ of results) continue;
  }
  checkDamage(output);
}

function checkDamage(output: ClipReader): void {
  const damaged = output.damagedFrames();
  if (damaged.length > 0) refuse(`the decoder complains of frames ${damaged.slice(0, 8).join(', ')}`);
}
