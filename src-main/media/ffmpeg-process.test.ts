import { chmodSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { createFfmpeg, type Ffmpeg, type FfmpegJob } from './ffmpeg-process.ts';
import { temporaryFolder } from './testing/clips.ts';

const folder = temporaryFolder(afterAll);
const argumentsFile = join(folder, 'arguments');
const pidFile = join(folder, 'pid');

/** A program in ffmpeg's place that notes its arguments and then does what `script` says. */
function stub(script: string): Ffmpeg {
  const path = join(folder, 'stub.sh');
  const noting = `printf '%s\\0' "$@" > '${argumentsFile}'; echo $$ > '${pidFile}'`;
  writeFileSync(path, `#!/bin/bash\n${noting}\n${script}\n`);
  chmodSync(path, 0o755);
  return createFfmpeg(path);
}

const givenArguments = (): string[] => readFileSync(argumentsFile, 'utf8').split('\0').slice(0, -1);
const job = (more: Partial<FfmpegJob> = {}): FfmpegJob => ({
  inputs: [{ source: '/clips/in.mp4', options: [] }],
  outputOptions: ['-f', 'null'],
  target: '/clips/out.mp4',
  ...more,
});

/** Resolves when the stub is running. */
async function started(): Promise<number> {
  for (;;) {
    const pid = existsSync(pidFile) ? Number(readFileSync(pidFile, 'utf8')) : 0;
    if (pid > 0) return pid;
    await new Promise((resume) => setImmediate(resume));
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

beforeEach(() => rmSync(pidFile, { force: true }));

describe('the command line', () => {
  it('is what the job says, in order, words unbroken', async () => {
    const sound = `/clips/it's "two words" 🎬.mp4`;
    const run = stub('exit 0').start({
      inputs: [
        { source: Readable.from([Buffer.from('pictures')]), options: ['-copyts', '-f', 'matroska'] },
        { source: sound, options: ['-itsoffset', '-1.5'] },
      ],
      outputOptions: ['-map', '0:0', '-filter:v', 'select=not(eq(n, 3))', '-metadata', 'title=two words'],
      target: '/clips/out put.mp4',
    });
    await run.finished;
    expect(givenArguments()).toMatchInlineSnapshot(`
      [
        "-hide_banner",
        "-nostats",
        "-loglevel",
        "level+info",
        "-protocol_whitelist",
        "file,pipe,crypto,data",
        "-copyts",
        "-f",
        "matroska",
        "-i",
        "pipe:0",
        "-protocol_whitelist",
        "file,pipe,crypto,data",
        "-itsoffset",
        "-1.5",
        "-i",
        "/clips/it's "two words" 🎬.mp4",
        "-y",
        "-map",
        "0:0",
        "-filter:v",
        "select=not(eq(n, 3))",
        "-metadata",
        "title=two words",
        "/clips/out put.mp4",
      ]
    `);
  });

  it('sends the output to a stream', async () => {
    const target = new PassThrough({ emitClose: false });
    const run = stub(`printf 'pictures'`).start(job({ target, outputOptions: ['-f', 'rawvideo'] }));
    const chunks: Buffer[] = [];
    for await (const chunk of target) chunks.push(chunk as Buffer);
    await run.finished;
    expect(Buffer.concat(chunks).toString()).toBe('pictures');
    expect(givenArguments()).toMatchInlineSnapshot(`
      [
        "-hide_banner",
        "-nostats",
        "-loglevel",
        "level+info",
        "-protocol_whitelist",
        "file,pipe,crypto,data",
        "-i",
        "/clips/in.mp4",
        "-f",
        "rawvideo",
        "pipe:1",
      ]
    `);
  });

  it('is kept for support, the newest last', async () => {
    const ffmpeg = stub('exit 0');
    for (let index = 0; index < 25; index++)
      await ffmpeg.start(job({ target: `/clips/${index}.mp4` })).finished;
    const commands = ffmpeg.recentCommands();
    expect(commands).toHaveLength(20);
    expect(commands[0]).toMatch(/^ffmpeg .*\/clips\/5\.mp4$/);
    expect(commands[19]).toMatch(/\/clips\/24\.mp4$/);
  });
});

describe('a run', () => {
  it('passes on the log and fails with what was complained of', async () => {
    const lines: string[] = [];
    const said = ['[info] Input', '[h264 @ 0x55aa] [error] bad data', '[warning] odd', '[fatal] giving up'];
    const run = stub(`printf '%s\\n' '${said.join("' '")}' >&2; exit 69`).start(
      job({ onLine: (line) => lines.push(line) }),
    );
    await expect(run.finished).rejects.toMatchObject({
      code: 'ffmpeg-failed',
      message: 'ffmpeg failed: h264: bad data; giving up',
      details: { lines: ['h264: bad data', 'giving up'], exitCode: 69 },
    });
    expect(lines.filter(Boolean)).toEqual(said);
  });

  it('fails with the signal that ended it', async () => {
    const run = stub('kill -SEGV $$; sleep 60').start(job());
    await expect(run.finished).rejects.toMatchObject({
      code: 'ffmpeg-failed',
      details: { signal: 'SIGSEGV' },
    });
  });

  it('is gone when it is stopped, and then has not failed', async () => {
    const run = stub('exec sleep 600').start(job());
    const pid = await started();
    expect(isRunning(pid)).toBe(true);
    run.stop();
    await run.finished;
    expect(isRunning(pid)).toBe(false);
  });

  it('is gone when the signal aborts', async () => {
    const abort = new AbortController();
    const run = stub('exec sleep 600').start(job({ signal: abort.signal }));
    const pid = await started();
    abort.abort();
    await expect(run.finished).rejects.toMatchObject({ code: 'cancelled', exitCode: 130 });
    expect(isRunning(pid)).toBe(false);
  });

  it('is gone when it was stopped before it had started', async () => {
    const run = stub('exec sleep 600').start(job());
    run.stop();
    await run.finished;
    const abort = AbortSignal.abort();
    await expect(stub('exec sleep 600').start(job({ signal: abort })).finished).rejects.toMatchObject({
      code: 'cancelled',
    });
  });

  it('is killed when its time is over', async () => {
    const run = stub('exec sleep 600').start(job({ timeoutMs: 1 }));
    await expect(run.finished).rejects.toMatchObject({
      code: 'ffmpeg-failed',
      message: expect.stringContaining('no result within 1 ms') as string,
    });
  });

  it('is refused when the program is gone or cannot be run', () => {
    expect(() => createFfmpeg(join(folder, 'nowhere')).start(job())).toThrow(/no longer at .*nowhere/);
    const plain = join(folder, 'plain');
    writeFileSync(plain, '', { mode: 0o644 });
    expect(() => createFfmpeg(plain).start(job())).toThrow(/plain can no longer be run/);
  });
});
