import type { BenchRow, RunPart } from '../../src-shared/core/bench/index.ts';

export const fontFamily = 'Inter';

/** Pixels of the plot's own coordinates. */
export const fontSizes = { title: 18, subtitle: 13, axis: 13, label: 12 } as const;

export const ink = {
  strong: '#1b1f24',
  plain: '#3d444d',
  faint: '#8a919b',
  grid: '#e6e8eb',
  paper: '#ffffff',
};

/** Advance widths of Inter's regular weight by classes of characters, as shares of the size; the first match counts. */
const advances: readonly (readonly [RegExp, number])[] = [
  [/[iIjl.,:;'| !]/, 0.28],
  [/[frt()/-]/, 0.4],
  [/[mwMW%@]/, 0.87],
  [/[A-Z]/, 0.69],
  // Chinese and the like. ECharts takes the width of one for the height of a line.
  [/[\u2e80-\uffef]/, 1],
];

/** Width in pixels of a text in Inter, within some per cent: there is no browser that could measure it. */
export function textWidth(text: string, size: number): number {
  let width = 0;
  for (const character of text) width += advances.find(([set]) => set.test(character))?.[1] ?? 0.6;
  return width * size;
}

/** Points of a polygon or strokes in a box of −1…1, as an SVG path. */
const shapes = {
  downTriangle: 'path://M-1,-0.87 L1,-0.87 L0,0.87 Z',
  plus: 'path://M-1,-0.35 H-0.35 V-1 H0.35 V-0.35 H1 V0.35 H0.35 V1 H-0.35 V0.35 H-1 Z',
  cross:
    'path://M-0.95,-0.47 L-0.47,-0.95 L0,-0.47 L0.47,-0.95 L0.95,-0.47 L0.47,0 L0.95,0.47 L0.47,0.95 L0,0.47 L-0.47,0.95 L-0.95,0.47 L-0.47,0 Z',
  pentagon: 'path://M0,-1 L0.95,-0.31 L0.59,0.81 L-0.59,0.81 L-0.95,-0.31 Z',
};

export interface MethodStyle {
  readonly colour: string;
  readonly symbol: string;
}

const fullStyle: MethodStyle = { colour: ink.strong, symbol: 'circle' };
const hetcacheStyle: MethodStyle = { colour: '#d1382c', symbol: 'circle' };

/** After Tol's "bright" and "muted" schemes, darkened for thin lines on white; neighbours differ in shape too. */
const otherStyles: readonly MethodStyle[] = [
  { colour: '#2f6fb5', symbol: 'rect' },
  { colour: '#23873f', symbol: 'triangle' },
  { colour: '#9a4fa8', symbol: 'diamond' },
  { colour: '#c07f00', symbol: shapes.downTriangle },
  { colour: '#1c98ad', symbol: shapes.plus },
  { colour: '#8c5a3c', symbol: shapes.pentagon },
  { colour: '#d4628f', symbol: shapes.cross },
  { colour: '#5b6670', symbol: 'roundRect' },
];

/** One style for each method, in the order of their first rows; the same in every plot of a report. */
export function methodStyles(rows: readonly BenchRow[]): Map<string, MethodStyle> {
  const styles = new Map<string, MethodStyle>();
  let others = 0;
  for (const { method } of rows) {
    if (styles.has(method)) continue;
    if (method === 'full') styles.set(method, fullStyle);
    else if (method === 'hetcache') styles.set(method, hetcacheStyle);
    else styles.set(method, otherStyles[others++ % otherStyles.length]);
  }
  return styles;
}

/** Stacked parts of a bar, dark to light where they are kinds of the same thing. */
export const callColours = {
  full: '#1f4e89',
  partial: '#6fa3d8',
  reuse: '#d9e4f0',
} as const;

export const partColours: Readonly<Record<RunPart, string>> = {
  network: '#1f4e89',
  selection: '#d1382c',
  bookkeeping: '#e8a33d',
  encode: '#9fc3b1',
  decode: '#5d9c7d',
};
