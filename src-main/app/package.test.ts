import { chmodSync, existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { temporaryFolder } from '../media/testing/clips.ts';
import { findBinaries } from '../media/binaries.ts';
import { inspectForPackage, stageFfmpeg } from './package-ffmpeg.mjs';
import { sizeByPart, sizeTable } from './package-size.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const folder = temporaryFolder(afterAll);
const usual = '--enable-gpl --enable-version3 --enable-libx264';
const encoders = ['libx264', 'libx265', 'prores_ks', 'ffv1', 'png'];

/** Programs that say what a static build of ffmpeg would say of itself. */
function build(name: string, { avutil = 60, configuration = usual, names = encoders } = {}): string {
  const place = join(folder, name);
  mkdirSync(place, { recursive: true });
  for (const tool of ['ffmpeg', 'ffprobe']) {
    const lines = [
      '#!/bin/sh',
      `echo '${tool} version 7.${avutil} Copyright'; echo '  configuration: ${configuration}'`,
      `echo '  libavutil      ${avutil}. 8.100 / ${avutil}. 8.100'`,
      ...names.map((encoder) => `echo ' V....D ${encoder} words'`),
    ];
    writeFileSync(join(place, tool), `${lines.join('\n')}\n`);
    chmodSync(join(place, tool), 0o755);
  }
  return place;
}

describe.skipIf(process.platform === 'win32')('the ffmpeg of a package', () => {
  const target = join(folder, 'staged');

  it('is the one that is named, with its licence beside it, and is found in the package', async () => {
    expect(stageFfmpeg({ folder: build('named'), target })).toContain('ffmpeg 7.60 of ');
    expect(readdirSync(target).sort()).toEqual(['LICENCE.txt', 'ffmpeg', 'ffprobe']);
    const licence = readFileSync(join(target, 'LICENCE.txt'), 'utf8');
    expect(licence).toContain(`ffmpeg 7.60, GPL-3.0-or-later\n  ${usual}`);
    expect(licence).toContain('ffprobe 7.60');
    const found = await findBinaries({ ...process.env, FFMPEG_PATH: '', FFPROBE_PATH: '', PATH: '' }, target);
    expect(found.ffmpeg).toMatchObject({ source: 'package', path: join(target, 'ffmpeg') });
    expect(found.ffprobe).toMatchObject({ source: 'package', path: join(target, 'ffprobe') });
  });

  it('is the system’s where that is current and whole by itself, else npm’s, and says why', () => {
    const env = { PATH: [join(folder, 'empty'), build('old', { avutil: 56 }), build('new')].join(':') };
    expect(stageFfmpeg({ target, env })).toContain(`of ${join(folder, 'new')}`);
    expect(existsSync(join(target, 'ffmpeg'))).toBe(true);
    const said = stageFfmpeg({ target, env: { PATH: join(folder, 'old') } });
    expect(said).toMatch(/2018 from npm \(.*older than 5\.0\)/);
    expect(existsSync(target)).toBe(false);
  });

  it.each([
    ['old', { avutil: 56 }, /older than 5\.0/],
    ['nonfree', { configuration: `${usual} --enable-nonfree` }, /may not be given to others/],
    ['poor', { names: ['libx264'] }, /lacks the encoders libx265, prores_ks/],
  ])('is not one that is %s', (name, change, reason) => {
    const place = build(`not-${name}`, change);
    expect(() => stageFfmpeg({ folder: place, target })).toThrow(reason);
    expect(() => inspectForPackage('ffmpeg', join(place, 'ffmpeg'))).toThrow(reason);
  });

  it.skipIf(!existsSync('/usr/bin/ffmpeg') || process.platform !== 'linux')(
    'is not one that needs libraries of this machine',
    () => expect(() => inspectForPackage('ffmpeg', '/usr/bin/ffmpeg')).toThrow(/libraries of this machine/),
  );
});

describe('the size of a package', () => {
  it('is told by part', () => {
    const app = join(folder, 'app');
    const unpacked = 'resources/app.asar.unpacked';
    for (const [path, bytes] of [
      ['chrome_100_percent.pak', 3_000_000],
      ['resources/app.asar', 1_000_000],
      [`${unpacked}/ffmpeg/ffmpeg`, 2_000_000],
      [`${unpacked}/models/starter/m.onnx`, 500_000],
      [`${unpacked}/node_modules/onnxruntime-node/bin/x.node`, 4_000_000],
    ] as const) {
      mkdirSync(dirname(join(app, path)), { recursive: true });
      writeFileSync(join(app, path), Buffer.alloc(bytes));
    }
    const sizes = sizeByPart(app);
    expect(Object.entries(sizes)).toEqual([
      ['ONNX Runtime', 4e6],
      ['Electron', 3e6],
      ['ffmpeg', 2e6],
      ['HetCut', 1e6],
      ['models', 5e5],
    ]);
    expect(sizeTable(sizes).split('\n').at(-1)).toMatch(/^all +10\.5 MB$/);
  });
});

/** electron-builder's own check of its configuration, and what it reads it with. */
const builder = createRequire(createRequire(import.meta.url).resolve('electron-builder'));
const { validateConfiguration } = builder('app-builder-lib/out/util/config/config') as {
  validateConfiguration: (config: object, logger: { isEnabled: boolean }) => Promise<void>;
};
const { load } = builder('js-yaml') as { load: (text: string) => Record<string, object> };
const config = (): Record<string, object> => load(readFileSync(join(root, 'electron-builder.yml'), 'utf8'));

describe('the configuration of the installers', () => {
  const check = (one: object): Promise<void> => validateConfiguration(one, { isEnabled: false });

  it('is one that electron-builder takes', async () => {
    await check(config());
    await expect(check({ ...config(), win: { target: 'nsis', categry: 'x' } })).rejects.toThrow(
      /configuration\.win/,
    );
    await expect(check({ ...config(), asarUnpak: [] })).rejects.toThrow(/asarUnpak/);
  });

  it('has an installer and an archive for each system', () => {
    const { linux, win, mac } = config() as Record<string, { target: string[] }>;
    expect(linux.target).toEqual(['AppImage', 'deb']);
    expect(win.target).toEqual(['nsis', 'zip']);
    expect(mac.target).toEqual(['dmg', 'zip']);
  });

  it('names files that are there', () => {
    const { files } = config() as { files: unknown } as { files: (string | object)[] };
    const named = files.filter((file): file is string => typeof file === 'string' && !/^!|[*$]/.test(file));
    const paths = named.flatMap((file) => {
      const [, before, list, after = ''] = /^(.*)\{(.*)\}(.*)$/.exec(file) ?? [];
      return list === undefined ? [file] : list.split(',').map((part) => `${before}${part}${after}`);
    });
    expect(paths).toContain('assets/demo/campus-mask.mkv');
    for (const path of paths) expect(existsSync(join(root, path)), path).toBe(true);
  });
});
