import { execFileSync } from 'node:child_process';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { findBinaries } from '../src-main/media/index.ts';
import { demo, hetcut, prepareHome, root } from './hetcut.ts';

let home: string;
let inputs: string;
let out: string;
let ffmpegPath: string;

const input = (name: string): string => join(inputs, name);
const ffmpeg = (...args: string[]): void => {
  execFileSync(ffmpegPath, ['-v', 'error', '-y', ...args], { stdio: ['ignore', 'ignore', 'inherit'] });
};

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'hetcut-home-'));
  prepareHome(home);
  inputs = await mkdtemp(join(tmpdir(), 'hetcut-bad-'));
  ffmpegPath = (await findBinaries(process.env)).ffmpeg.path;
  const mask = demo('campus-mask.mkv');
  await writeFile(input('empty.mp4'), '');
  await writeFile(input('text.mp4'), 'this is a shopping list, not a video\n'.repeat(100));
  ffmpeg('-i', mask, '-vf', 'scale=64:48', '-c:v', 'ffv1', input('small-mask.mkv'));
  ffmpeg('-i', mask, '-frames:v', '3', '-c:v', 'ffv1', input('short-mask.mkv'));
  ffmpeg('-i', mask, '-vf', 'lutyuv=y=0', '-c:v', 'ffv1', input('black-mask.mkv'));
  ffmpeg('-i', mask, '-vf', 'lutyuv=y=255', '-c:v', 'ffv1', input('white-mask.mkv'));
  ffmpeg('-i', demo('campus.mp4'), '-frames:v', '1', input('one-frame.mp4'));
  ffmpeg('-i', mask, '-frames:v', '1', input('one-mask.png'));
  await cp(demo('campus.mp4'), input('truncated.mp4'));
  await truncate(input('truncated.mp4'), 4000);
});
beforeEach(async () => {
  out = await mkdtemp(join(tmpdir(), 'hetcut-out-'));
  return () => rm(out, { recursive: true, force: true });
});
afterAll(async () => {
  for (const folder of [home, inputs]) await rm(folder, { recursive: true, force: true });
});

/** Runs `remove` and checks that it fails as a user should see it: said clearly, nothing left, nothing overwritten. */
async function expectRefusal(
  args: { clip?: string; mask?: string; out?: string; more?: string[]; prefix?: string[] },
  expected: { code: string; says: RegExp; exit?: number },
): Promise<void> {
  const target = args.out ?? join(out, 'result.mp4');
  const before = await readFile(target).catch(() => undefined);
  const run = await hetcut(
    [
      'remove',
      args.clip ?? demo('campus.mp4'),
      '--mask',
      args.mask ?? demo('campus-mask.mkv'),
      '--out',
      target,
      ...(args.more ?? []),
      '--json',
    ],
    home,
    args.prefix,
  );
  expect(run.stderr).not.toMatch(/\n\s+at .*\.m?[jt]s:/);
  const answer = run.json();
  expect(answer).toMatchObject({ ok: false, code: expected.code });
  expect(`${String(answer['message'])} ${String(answer['hint'])}`).toMatch(expected.says);
  expect(String(answer['hint']).length).toBeGreaterThan(5);
  expect(run.code).toBe(expected.exit ?? 2);
  expect(await readFile(target).catch(() => undefined)).toEqual(before);
  expect(await readdir(out)).toEqual(
    before !== undefined && args.out?.startsWith(out) ? [args.out.slice(out.length + 1)] : [],
  );
}

it('the program says its version', async () => {
  const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as { version: string };
  expect(await hetcut(['--version'], home)).toMatchObject({ code: 0, stdout: `${version}\n` });
});

describe('remove refuses', () => {
  it('a clip that is not there', () =>
    expectRefusal({ clip: input('nowhere.mp4') }, { code: 'file-not-found', says: /clip .*nowhere\.mp4/ }));

  it('a mask that is not there', () =>
    expectRefusal({ mask: input('nowhere.mkv') }, { code: 'file-not-found', says: /mask .*nowhere\.mkv/ }));

  it('an empty file', () =>
    expectRefusal({ clip: input('empty.mp4') }, { code: 'file-empty', says: /empty\.mp4/ }));

  it('a file that is not a video', () =>
    expectRefusal({ clip: input('text.mp4') }, { code: 'not-a-video', says: /text\.mp4/ }));

  it('a video of which no picture is left', () =>
    expectRefusal({ clip: input('truncated.mp4') }, { code: 'no-decodable-frame', says: /truncated\.mp4/ }));

  it('a mask of another size', () =>
    expectRefusal({ mask: input('small-mask.mkv') }, { code: 'mask-size', says: /64×48/ }));

  it('a mask of another length', () =>
    expectRefusal({ mask: input('short-mask.mkv') }, { code: 'mask-length', says: /3 frames/ }));

  it('an empty mask', () =>
    expectRefusal({ mask: input('black-mask.mkv') }, { code: 'mask-empty', says: /white/ }));

  it('a mask that covers everything', () =>
    expectRefusal({ mask: input('white-mask.mkv') }, { code: 'mask-covers-all', says: /every pixel/ }));

  it('a clip of one frame', () =>
    expectRefusal(
      { clip: input('one-frame.mp4'), mask: input('one-mask.png') },
      { code: 'clip-too-short', says: /one frame/ },
    ));

  it('an output folder that is not there', () =>
    expectRefusal({ out: join(inputs, 'missing', 'x.mp4') }, { code: 'output-folder', says: /missing/ }));

  it('an output folder that cannot be written to', () =>
    // Not even root can make files there.
    expectRefusal({ out: '/sys/kernel/x.mp4' }, { code: 'output-folder', says: /\/sys\/kernel/ }));

  it('an output that is the clip itself', async () => {
    const copy = join(out, 'clip.mp4');
    await cp(demo('campus.mp4'), copy);
    await expectRefusal({ clip: copy, out: copy }, { code: 'output-is-input', says: /clip/ });
  });

  it('an output format that it does not write', () =>
    expectRefusal({ out: join(out, 'x.gif') }, { code: 'output-format', says: /\.mp4/ }));

  it('a model that is not there', () =>
    expectRefusal({ more: ['--model', 'nobody'] }, { code: 'model-unknown', says: /nobody/ }));

  it('flags out of their range', async () => {
    await expectRefusal({ more: ['--steps', '0'] }, { code: 'usage', says: /--steps/ });
    await expectRefusal(
      { more: ['--preset', 'best'] },
      { code: 'usage', says: /--preset.*fast.*quality|--preset.*quality.*fast/ },
    );
    await expectRefusal({ more: ['--steps', '1001'] }, { code: 'usage', says: /--steps/ });
    await expectRefusal({ more: ['--frobnicate'] }, { code: 'usage', says: /frobnicate/ });
  });

  it('a full disk, and keeps an older result', async () => {
    // No file may grow beyond 40 KiB: what a full disk does to whoever writes, without needing one.
    const target = join(out, 'result.mp4');
    await writeFile(target, 'an older result');
    await hetcut(['model', 'list'], home);
    await expectRefusal(
      {
        out: target,
        more: ['--plate', 'only'],
        prefix: ['bash', '-c', 'ulimit -f 40; exec "$@"', 'limited'],
      },
      { code: 'disk-full', says: /disk/, exit: 1 },
    );
  });
});

describe('remove refuses a cache method’s', () => {
  it.each<[args: string[], code: string, says: RegExp]>([
    [['--delta', '-1'], 'cache-option', /"delta" .* from 0 to 100, not -1\./],
    [['--delta', 'x'], 'cache-option', /"delta" .* a number from 0 to 100, not "x"\./],
    [['--delta', ''], 'cache-option', /"delta" .* a number from 0 to 100, not ""\./],
    [['--keep', '1.5'], 'cache-option', /"keep" .* from 0 to 1, not 1\.5\./],
    [['--clusters', '0'], 'cache-option', /"clusters" .* whole number from 1 to 1024, not 0\./],
    [['--clusters', '2.5'], 'cache-option', /"clusters" .* whole number from 1 to 1024, not 2\.5\./],
    [['--margin', '-1'], 'cache-option', /"margin" .* from 0 to 64, not -1\./],
    [['--margin', '65'], 'cache-option', /"margin" .* from 0 to 64, not 65\./],
    [['--option', 'nonsense=1'], 'cache-option', /no option "nonsense".*delta, schedule/],
    [['--option', 'delta'], 'usage', /--option is name=value, not "delta"/],
    [['--option', 'reuse=never'], 'cache-option', /"reuse" .* one of .*forecast.*, not "never"\./],
    [['--method', 'nocache'], 'usage', /--method.*nocache.*hetcache/],
    [['--method', 'taylorseer', '--delta', '1'], 'cache-option', /taylorseer .* "delta".*interval, order/],
  ])('%j', (more, code, says) => expectRefusal({ more }, { code, says }));
});

describe('bench methods refuses', () => {
  it.each<[methods: string, code: string, says: RegExp]>([
    ['nocache', 'cache-method', /"nocache".*hetcache/],
    ['hetcache:delta', 'bench-method', /"hetcache:delta": "delta" is not option=value/],
    ['hetcache:delta=x', 'cache-option', /"delta" .* not "x"\./],
    ['hetcache:delta=1:delta=2', 'bench-method', /"hetcache:delta=1:delta=2" sets delta twice/],
    ['hetcache@nosuch', 'bench-setting', /"nosuch".*quality, balanced, fast/],
    ['full:steps=0', 'bench-steps', /"full:steps=0" .* 1 to 1000/],
    ['pab,teacache,pab', 'bench-twice', /"pab" is asked for twice/],
    ['full,full', 'bench-twice', /"full" is asked for twice/],
    ['pab:selfEvery=2,pab:selfEvery=2.0', 'bench-twice', /"pab:selfEvery=2\.0", which is "pab:selfEvery=2"/],
    ['', 'bench-method', /--methods has an empty row.*option=value/],
    ['pab,', 'bench-method', /--methods has an empty row.*option=value/],
  ])('--methods "%s", before it opens a model', async (methods, code, says) => {
    const empty = join(out, 'home');
    const run = await hetcut(
      [
        'bench',
        'methods',
        demo('campus.mp4'),
        '--mask',
        demo('campus-mask.mkv'),
        '--methods',
        methods,
        '--out',
        join(out, 'bench'),
        '--json',
      ],
      empty,
    );
    const answer = run.json();
    expect(answer).toMatchObject({ ok: false, code });
    expect(`${String(answer['message'])} ${String(answer['hint'])}`).toMatch(says);
    expect(String(answer['hint']).length).toBeGreaterThan(5);
    expect(run.stderr).toBe('');
    expect(run.code).toBe(2);
    expect(await readdir(out)).toEqual([]);
  });
});

describe('model import refuses', () => {
  const source = join(root, 'e2e/fixtures/golden/E_pipeline');
  const broken = async (name: string): Promise<string> => {
    const folder = input(name);
    await cp(source, folder, { recursive: true });
    return folder;
  };
  const shard = 'transformer/diffusion_pytorch_model-00002-of-00003.safetensors';

  async function expectImportRefusal(folder: string, says: RegExp): Promise<void> {
    const run = await hetcut(['model', 'import', folder, '--id', 'broken', '--json'], home);
    expect(run.json()['ok']).toBe(false);
    expect(String(run.json()['message'])).toMatch(says);
    expect([1, 2]).toContain(run.code);
    const models = await readdir(join(home, 'models')).catch(() => []);
    expect(models.filter((name) => name.includes('broken'))).toEqual([]);
  }

  it('a weight file of 0 bytes', async () => {
    const folder = await broken('zero');
    await writeFile(join(folder, shard), '');
    await expectImportRefusal(folder, /00002-of-00003/);
  });

  it('a truncated weight file', async () => {
    const folder = await broken('cut');
    const { size } = await stat(join(folder, shard));
    await truncate(join(folder, shard), size - 100);
    await expectImportRefusal(folder, /00002-of-00003/);
  });

  it('a config of an unknown class', async () => {
    const folder = await broken('unknown');
    const path = join(folder, 'transformer/config.json');
    const config = JSON.parse(await readFile(path, 'utf8')) as Record<string, unknown>;
    await writeFile(path, JSON.stringify({ ...config, _class_name: 'FluxTransformer2DModel' }));
    await expectImportRefusal(folder, /FluxTransformer2DModel/);
  });

  it('a folder that holds no model', async () => {
    await mkdir(input('nothing'), { recursive: true });
    await expectImportRefusal(input('nothing'), /nothing/);
  });
});
