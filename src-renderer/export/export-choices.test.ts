import { describe, expect, it } from 'vitest';
import type { ExportChoices } from '../../src-shared/ipc/index.ts';
import { copiesFrames, fitsFormat, fitted, formatsFor, readChoices } from './export-choices.ts';

describe('readChoices', () => {
  const usual = readChoices(null);

  it('begins with a file that plays everywhere', () => {
    expect(usual).toMatchObject({
      what: 'edit',
      format: 'h264',
      quality: 'visually-lossless',
      sound: 'copy',
    });
  });

  it('takes what was chosen last', () => {
    const chosen = { ...usual, format: 'prores', sound: 'none', frames: 'clip' };
    expect(readChoices(JSON.stringify(chosen))).toEqual(chosen);
  });

  it('leaves out what no version of it means', () => {
    expect(readChoices('{"format":"av1","sound":"yes","quality":"lossless","constructor":1}')).toEqual({
      ...usual,
      quality: 'lossless',
    });
    for (const broken of ['', '{', 'null', '[]', '"x"']) expect(readChoices(broken)).toEqual(usual);
  });
});

describe('unchanged frames', () => {
  const usual = readChoices(null);

  it('may be copied into a clip of a set quality that no hardware encodes', () => {
    expect(copiesFrames(usual)).toBe(true);
    expect(copiesFrames({ ...usual, what: 'all', format: 'hevc' })).toBe(true);
    for (const change of [
      { what: 'patch' },
      { what: 'matte' },
      { format: 'prores' },
      { quality: 'lossless' },
      { encoder: 'hardware' },
    ] as const)
      expect(copiesFrames({ ...usual, ...change })).toBe(false);
  });
});

describe('fitted', () => {
  const row = { endings: ['.mov'], sound: true, alpha: false };
  const choices: ExportChoices = {
    formats: [
      { ...row, id: 'h264', qualities: ['visually-lossless', 'lossless'], hardware: 'h264_nvenc' },
      { ...row, id: 'prores4444', qualities: ['visually-lossless'], alpha: true },
      { ...row, id: 'png', qualities: ['lossless'], alpha: true },
    ],
  };
  const usual = readChoices(null);

  it('writes a patch only as what holds transparency', () => {
    expect(formatsFor('patch', choices).map(({ id }) => id)).toEqual(['prores4444', 'png']);
    expect(formatsFor('matte', choices)).toBe(choices.formats);
    expect(fitted({ ...usual, what: 'patch', encoder: 'hardware' }, choices)).toMatchObject({
      format: 'prores4444',
      quality: 'visually-lossless',
      encoder: 'software',
    });
    expect(fitted({ ...usual, what: 'patch', format: 'png' }, choices)).toMatchObject({
      format: 'png',
      quality: 'lossless',
    });
  });

  it('leaves what is to be had', () => {
    const chosen = { ...usual, quality: 'lossless', encoder: 'hardware' } as const;
    expect(fitted(chosen, choices)).toEqual(chosen);
  });
});

describe('fitsFormat', () => {
  it.each([
    ['/a/b.mp4', ['.mp4', '.mov'], true],
    ['/a/b.MOV', ['.mov'], true],
    ['/a/b.mp4', ['.mov'], false],
    ['/a/b', ['.mov'], false],
    ['/a.mov/b', [], true],
    ['/a/shot.v2', [], true],
    ['C:\\a\\b.mp4', [], false],
  ])('%s for %o: %s', (path, endings, fits) => {
    expect(fitsFormat(path, endings)).toBe(fits);
  });
});
