import { ratio, table } from './markdown-table.ts';
import type { PaperTable } from './paper-tables.ts';

/** One of the paper's tables, with each row's speed against its baseline. */
export function paperBlock({ title, baseline, rows }: PaperTable): string {
  const baselineRow = rows.find((row) => row.method === baseline);
  if (baselineRow === undefined) throw new Error(`paper table "${title}" has no row "${baseline}"`);
  const hasQuality = rows.some((row) => row.psnr !== undefined);
  const quality = (value: number | undefined, digits: number): string => value?.toFixed(digits) ?? '–';
  return table(
    [
      [title, 'l'],
      ['seconds', 'r'],
      [`against ${baseline}`, 'r'],
      ...(hasQuality
        ? ([
            ['PSNR', 'r'],
            ['SSIM', 'r'],
            ['VFID', 'r'],
          ] as const)
        : []),
    ],
    rows.map((row) => [
      row.method,
      String(row.seconds),
      ratio(baselineRow.seconds / row.seconds),
      ...(hasQuality ? [quality(row.psnr, 2), quality(row.ssim, 2), quality(row.vfid, 1)] : []),
    ]),
  );
}
