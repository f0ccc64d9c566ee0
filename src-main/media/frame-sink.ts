import { rename, rm } from 'node:fs/promises';
import { resolve } from 'node:path';
import { PassThrough } from 'node:stream';
import { HetcutError, cancelledError } from '../../src-shared/core/errors/index.ts';
import type { ClipInfo, EncodeSettings, FrameSink, VideoFrame } from '../engine/frames.ts';
import { checkSound } from './containers.ts';
import type { FfmpegRun } from './ffmpeg-process.ts';
import type { MediaTools } from './picture-reader.ts';
import { matroskaHeader, matroskaPicture } from './matroska-pipe.ts';
import { pictureFolder, videoFile, type Output } from './output-kinds.ts';
import { checkPlace, removeStalePartials, writeError, writeFailureIn } from './output-place.ts';
import { clipNs, frameNsOf } from './output-times.ts';
import { planCopy } from './smart/copy-plan.ts';
import { asSmartError, joinedFile } from './smart/joined-file.ts';

/** Everything that can be known to go wrong before the work is done. Errors: as of `checkPlace`, and sound. */
export async function checkExport(path: string, clip: ClipInfo, settings: EncodeSettings): Promise<void> {
  const { format, sound } = settings;
  if (format !== 'png') checkSound(path, clip, format, sound);
  await checkPlace(resolve(path), clip, settings);
}

/** Nothing is encoded. */
const noRun: FfmpegRun = { finished: Promise.resolve(), stop: () => undefined };

class EncoderSink implements FrameSink {
  readonly partialPath: string;
  readonly warnings: readonly string[];
  readonly wanted: FrameSink['wanted'];
  readonly copied?: NonNullable<FrameSink['copied']>;
  readonly #output: Output;
  readonly #path: string;
  readonly #times: ReturnType<typeof clipNs>;
  readonly #pictures = new PassThrough({ emitClose: false });
  readonly #run: FfmpegRun;
  readonly #signal: AbortSignal | undefined;
  readonly #onAbort = (): void => void this.abort();
  /** Set by the first failure to write that ffmpeg reports; it may continue and end as if all were well. */
  #writeFailure: string | undefined;
  readonly #written: number[] = [];
  /** The process is gone. */
  #over = false;
  #wake: (() => void) | undefined;
  #state: 'open' | 'closing' | 'done' | 'aborted' = 'open';

  constructor(tools: MediaTools, path: string, clip: ClipInfo, output: Output, signal?: AbortSignal) {
    this.#path = path;
    this.#output = output;
    this.#signal = signal;
    this.#times = clipNs(clip);
    this.partialPath = output.partialPath;
    this.warnings = output.warnings;
    this.wanted = output.wanted ?? [{ startFrame: 0, endFrame: clip.ptsSec.length }];
    if (output.copied !== undefined) this.copied = output.copied;
    this.#run =
      this.wanted.length === 0
        ? noRun
        : tools.ffmpeg.start({
            inputs: [
              { source: this.#pictures, options: [...output.device, '-copyts', '-f', 'matroska'] },
              ...output.inputs,
            ],
            outputOptions: output.options,
            target: output.target,
            onLine: (line) => {
              this.#writeFailure ??= writeFailureIn(line);
            },
          });
    const onOver = (): void => {
      this.#over = true;
      this.#wake?.();
    };
    this.#run.finished.then(onOver, onOver);
    this.#pictures.write(
      matroskaHeader({
        width: clip.width,
        height: clip.height,
        pixelFormat: output.pixelFormat,
        frameNs: frameNsOf(clip),
      }),
    );
    signal?.addEventListener('abort', this.#onAbort, { once: true });
  }

  #throwIfOver(): void {
    if (this.#signal?.aborted) throw cancelledError();
    if (this.#state !== 'open') throw new Error(`the sink of ${this.#path} is ${this.#state}`);
  }

  async write(frame: VideoFrame): Promise<void> {
    const { index } = frame;
    this.#throwIfOver();
    const previous = this.#written.at(-1) ?? -1;
    if (index <= previous) throw new Error(`frame ${index} after frame ${previous}`);
    this.#written.push(index);
    const picture = await this.#output.pictureOf(frame);
    this.#throwIfOver();
    const { startNs, durationNs } = this.#times;
    let room = true;
    for (const part of matroskaPicture(startNs[index], durationNs[index], picture))
      room = this.#pictures.write(part);
    if (!room) await this.#drained();
    if (this.#over) {
      const cause = await this.#run.finished.catch((error: unknown) => error);
      await this.abort();
      throw this.#signal?.aborted ? cancelledError() : this.#explain(cause);
    }
  }

  /** Resolves when the encoder has taken what was written, or is gone. */
  async #drained(): Promise<void> {
    if (this.#over) return;
    await new Promise<void>((resume) => {
      this.#pictures.once('drain', resume);
      this.#wake = resume;
    });
  }

  #explain(cause: unknown): unknown {
    // A limit on file sizes ends the process instead of telling it.
    const killed = cause instanceof HetcutError && cause.details['signal'] === 'SIGXFSZ';
    const failure = killed ? 'EFBIG' : this.#writeFailure;
    if (failure !== undefined) return writeError(this.#path, failure, cause);
    if (this.#output.result !== undefined) return asSmartError(this.#path, cause, this.#signal);
    if (cause instanceof HetcutError) return cause;
    return new HetcutError('export-failed', `${this.#path} could not be written.`, {
      hint: 'Run the command again; `hetcut doctor` shows which ffmpeg is used.',
      cause,
    });
  }

  async close(): Promise<void> {
    this.#throwIfOver();
    this.#state = 'closing';
    try {
      this.#pictures.end();
      await this.#run.finished;
      if (this.#writeFailure !== undefined) throw new Error('ffmpeg could not write');
      await this.#output.finish(this.#written, this.#signal);
      await this.#moveIntoPlace();
    } catch (error) {
      await this.#discard();
      throw this.#signal?.aborted ? cancelledError() : this.#explain(error);
    } finally {
      this.#signal?.removeEventListener('abort', this.#onAbort);
    }
  }

  async #moveIntoPlace(): Promise<void> {
    if (this.#signal?.aborted) throw cancelledError();
    const { result = this.partialPath } = this.#output;
    await rename(result, this.#path).catch((error: NodeJS.ErrnoException) => {
      throw writeError(this.#path, error.code ?? error.message, error);
    });
    await rm(this.partialPath, { recursive: true, force: true });
    this.#state = 'done';
  }

  async #discard(): Promise<void> {
    this.#state = 'aborted';
    this.#run.stop();
    await this.#run.finished.catch(() => undefined);
    await rm(this.partialPath, { recursive: true, force: true });
  }

  async abort(): Promise<void> {
    this.#signal?.removeEventListener('abort', this.#onAbort);
    if (this.#state !== 'done') await this.#discard();
  }
}

/**
 * Starts an encoder that writes next to `path` and moves the file into place once it has been checked.
 * Errors: as of `checkExport`; then nothing is left behind.
 */
export async function openEncoder(
  tools: MediaTools,
  path: string,
  clip: ClipInfo,
  settings: EncodeSettings,
  signal?: AbortSignal,
  changed?: (frame: number) => boolean,
): Promise<FrameSink> {
  if (signal?.aborted) throw cancelledError();
  await checkExport(path, clip, settings);
  const target = resolve(path);
  await removeStalePartials(target);
  const output = await outputOf(tools, target, clip, settings, changed);
  return new EncoderSink(tools, target, clip, output, signal);
}

async function outputOf(
  tools: MediaTools,
  target: string,
  clip: ClipInfo,
  settings: EncodeSettings,
  changed: ((frame: number) => boolean) | undefined,
): Promise<Output> {
  if (settings.format === 'png') return pictureFolder(tools, target, clip, settings);
  if (changed === undefined) return videoFile(tools, target, clip, settings);
  const plan = await planCopy(tools, target, clip, settings, changed);
  if (plan === null) return videoFile(tools, target, clip, settings);
  if ('reason' in plan)
    return { ...videoFile(tools, target, clip, settings), copied: { frames: 0, reason: plan.reason } };
  return joinedFile(tools, target, clip, settings, plan);
}
