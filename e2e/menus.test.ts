import { describe, expect, it } from 'vitest';
import { nativeTexts } from '../src-main/app/native-texts.ts';
import { de } from '../src-renderer/i18n/de.ts';
import { en } from '../src-renderer/i18n/en.ts';

/** What stands in the system's menu, and what the window calls the same. */
const pairs = {
  file: 'menu.file',
  openClip: 'menu.openClip',
  openProject: 'menu.openProject',
  sampleRemoval: 'menu.sample.removal',
  sampleWords: 'menu.sample.words',
  save: 'menu.save',
  saveAs: 'menu.saveAs',
  export: 'menu.export',
  restore: 'menu.versions',
  closeProject: 'menu.closeProject',
  undo: 'menu.undo',
  redo: 'menu.redo',
  run: 'shortcuts.run',
  models: 'menu.models',
  settings: 'menu.settings',
  doctor: 'menu.doctor',
  shortcuts: 'menu.shortcuts',
} as const satisfies Partial<Record<keyof (typeof nativeTexts)['en']['menu'], keyof typeof en>>;

describe.each([
  ['en', en],
  ['de', de],
] as const)('the menus in %s', (language, texts) => {
  it.each(Object.entries(pairs))('call %s the same in both places', (native, own) => {
    expect(nativeTexts[language].menu[native as keyof typeof pairs]).toBe(texts[own]);
  });
});
