import type { Filled } from '../../src-shared/project/index.ts';
import { formatNumber, text } from '../i18n/index.ts';

/** "71 % from other frames, 29 % generated". */
export function filledText({ plate, share }: Filled): string {
  // The two add up to a hundred.
  const shown = Math.round(share * 100);
  return text(`filled.${plate}`, { shown: formatNumber(shown), rest: formatNumber(100 - shown) });
}
