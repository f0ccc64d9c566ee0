/** A table of GitHub's Markdown; the columns are padded so that it also reads well as plain text. */
export function table(
  columns: readonly (readonly [string, 'l' | 'r'])[],
  rows: readonly (readonly string[])[],
): string {
  const cells = [columns.map(([title]) => title), ...rows].map((row) => row.map(escapeCell));
  const widths = columns.map((_, column) => Math.max(3, ...cells.map((row) => row[column].length)));
  const line = (texts: readonly string[]): string => `| ${texts.join(' | ')} |`;
  const padded = cells.map((row) =>
    line(
      row.map((text, column) =>
        columns[column][1] === 'l' ? text.padEnd(widths[column]) : text.padStart(widths[column]),
      ),
    ),
  );
  const rule = line(
    widths.map((width, column) =>
      columns[column][1] === 'l' ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`,
    ),
  );
  return [padded[0], rule, ...padded.slice(1)].join('\n');
}

function escapeCell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ');
}

export const count = (value: number, noun: string): string => `${value} ${noun}${value === 1 ? '' : 's'}`;
export const ratio = (value: number): string => `${value.toFixed(2)}×`;
export const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;

/** null: not one sample differs; undefined: there is no such pixel. */
export function decibels(psnr: number | null | undefined): string {
  if (psnr === undefined) return '–';
  return psnr === null ? 'same' : psnr.toFixed(2);
}

/** Three significant digits without an exponent; 0.0004 is 0. */
export function figure(value: number): string {
  if (value < 0.0005) return '0';
  return value >= 100 ? value.toFixed(0) : value.toFixed(value >= 10 ? 1 : value >= 1 ? 2 : 3);
}

const operationUnits = [
  ['P', 1e15],
  ['T', 1e12],
  ['G', 1e9],
] as const;

export function operations(flops: number): string {
  const [prefix, unit] = operationUnits.find(([, size]) => flops >= size) ?? operationUnits[2];
  return `${figure(flops / unit)} ${prefix}`;
}
