import type { Filled } from '../../src-shared/project/index.ts';
import { formatNumber, text } from '../i18n/index.ts';

/** "71 % from other frames, 29 % generated". */
export function filledText({ plate, share, fill, thing }: Filled): string {
  if (thing !== undefined) {
    const taken = Math.round(thing * 100);
    return text('filled.thing', { shown: formatNumber(taken), rest: formatNumber(100 - taken) });
  }
  if (plate === 'file') return text('filled.file');
  const means = fill ?? (plate === 'only' ? 'smooth' : 'network');
  if (plate === 'off' && means === 'network') return text('filled.off');
  // The two add up to a hundred.
  const shown = Math.round(share * 100);
  return text(`filled.${means}`, { shown: formatNumber(shown), rest: formatNumber(100 - shown) });
}
