import type { CheckFound } from '../../src-shared/ipc/index.ts';
import { formatNumber, text } from '../i18n/index.ts';

/** "61.2 dB compared with uncached". `psnr`: dB; null: nothing differs. */
export function decibelsText(psnr: number | null): string {
  return psnr === null ? text('check.same') : text('check.decibels', { decibels: formatNumber(psnr, 1) });
}

/** "61.2 dB compared with uncached · 2.4× faster". */
export function foundText({ maskPsnr, seconds, fullSeconds }: CheckFound): string {
  const quality = decibelsText(maskPsnr);
  const factor = fullSeconds / seconds;
  // Where the same is computed, times still differ a little.
  if (Math.abs(factor - 1) < 0.1) return text('check.foundEven', { quality });
  return factor > 1
    ? text('check.found', { quality, factor: formatNumber(factor, 1) })
    : text('check.foundSlower', { quality, factor: formatNumber(1 / factor, 1) });
}
