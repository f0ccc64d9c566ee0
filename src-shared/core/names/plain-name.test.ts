import { expect, it } from 'vitest';
import { isDeviceName, isPlainName } from './index.ts';

it('takes names of files', () => {
  for (const name of [
    'model-00001-of-00002.safetensors',
    'a b.json',
    '.hidden',
    'Ünï.mp4',
    'console.json',
    'com.txt',
    'com10',
    'nullable',
  ]) {
    expect(isPlainName(name), name).toBe(true);
  }
});

it('takes no name that leads elsewhere on some system', () => {
  for (const name of [
    '',
    '.',
    '..',
    'a/b',
    '../a',
    '/a',
    'a\\b',
    '..\\a',
    'C:a',
    'a:stream',
    'a\0b',
    'a\n',
    'a.',
    'a ',
    '*',
    'x'.repeat(256),
  ]) {
    expect(isPlainName(name), name).toBe(false);
  }
});

it('knows the devices of Windows', () => {
  for (const name of [
    'con',
    'CON',
    'nul.safetensors',
    'NUL.tar.gz',
    'aux ',
    'com1',
    'LPT9.json',
    'com¹',
    'CONIN$',
    'prn:x',
  ]) {
    expect(isDeviceName(name), name).toBe(true);
    expect(isPlainName(name), name).toBe(false);
  }
});
