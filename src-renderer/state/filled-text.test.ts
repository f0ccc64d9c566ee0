import { beforeAll, describe, expect, it } from 'vitest';
import { setLanguage, startLanguage } from '../i18n/index.ts';
import { filledText } from './filled-text.ts';

describe('what filled a hole', () => {
  beforeAll(() => startLanguage('en'));

  it('is told by its source, in parts that add up', () => {
    expect(filledText({ plate: 'auto', share: 0.714 })).toBe('71 % from other frames, 29 % generated');
    expect(filledText({ plate: 'auto', share: 0.995 })).toBe('100 % from other frames, 0 % generated');
    expect(filledText({ plate: 'auto', share: 0.25, fill: 'exemplar' })).toBe(
      '25 % from other frames, 75 % texture from around it',
    );
    expect(filledText({ plate: 'off', share: 0, fill: 'smooth' })).toBe(
      '0 % from other frames, 100 % filled smoothly',
    );
    expect(filledText({ plate: 'only', share: 0.5 })).toBe('50 % from other frames, 50 % filled smoothly');
    expect(filledText({ plate: 'off', share: 0 })).toBe('All generated');
    expect(filledText({ plate: 'file', share: 1 })).toBe('All from your clean plate');
    expect(filledText({ plate: 'auto', share: 0.7, fill: 'network', thing: 0.55 })).toBe(
      '55 % one generated thing, 45 % background',
    );
    setLanguage('de');
    expect(filledText({ plate: 'auto', share: 0.714 })).toBe('71 % aus anderen Bildern, 29 % generiert');
  });
});
