import { useEffect, useRef } from 'react';
import type { TokenGrid } from '../../src-shared/ipc/index.ts';
import type { Clip } from '../../src-shared/project/index.ts';
import { useText } from '../i18n/index.ts';
import { useEditor } from '../state/editor-store.ts';
import { clearedContext } from '../state/redraw.ts';
import { useView } from '../state/view-store.ts';
import { useTokenGrid } from './token-request.ts';
import type { ClipPlace } from './use-placement.ts';

const kinds = ['generative', 'margin', 'context'] as const;
/** In front of any picture, whatever the theme: most is computed of the brightest. */
const tones = {
  generative: 'rgb(77 159 255)',
  margin: 'rgb(232 196 92)',
  context: 'rgb(232 234 237)',
} as const;
const alphas = { generative: 0.42, margin: 0.3, context: 0.14 } as const;

function drawGrid(
  context: CanvasRenderingContext2D,
  { crop, rows, columns, kinds: tokens }: TokenGrid,
  clip: Clip,
  { left, top, scale }: ClipPlace['placement'],
): void {
  context.beginPath();
  context.rect(left, top, clip.width * scale, clip.height * scale);
  context.clip();
  // Whole pixels of the screen, or neighbours would overlap or gape.
  const x = (column: number): number => Math.round(left + (crop.x + (column * crop.width) / columns) * scale);
  const y = (row: number): number => Math.round(top + (crop.y + (row * crop.height) / rows) * scale);
  for (const kind of kinds) {
    context.fillStyle = tones[kind];
    context.globalAlpha = alphas[kind];
    for (let row = 0; row < rows; row++)
      for (let column = 0; column < columns; column++) {
        if (tokens[row * columns + column] !== kind) continue;
        const [x0, y0] = [x(column), y(row)];
        // A pixel is left free: the grid's line.
        context.fillRect(x0, y0, x(column + 1) - x0 - 1, y(row + 1) - y0 - 1);
      }
  }
  context.globalAlpha = 0.8;
  context.strokeStyle = '#ffffff';
  context.strokeRect(x(0) + 0.5, y(0) + 0.5, x(columns) - x(0) - 2, y(rows) - y(0) - 2);
}

/** What the network is estimated to compute of the frame, as a grid over the picture, with its legend. */
export function TokenOverlay({ clip, where }: { readonly clip: Clip; readonly where: ClipPlace }) {
  const shown = useView((state) => state.areas === 'tokens');
  // The grid belongs to the picture before.
  const hidden = useEditor(({ compare }) => compare === 'after' || compare === 'difference');
  return shown && !hidden ? <Grid clip={clip} where={where} /> : null;
}

function Grid({ clip, where }: { readonly clip: Clip; readonly where: ClipPlace }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const grid = useTokenGrid(clip);
  const { place, placement } = where;
  useEffect(() => {
    if (canvas.current === null) return;
    const context = clearedContext(canvas.current, place.width, place.height);
    if (!grid) return;
    context.save();
    drawGrid(context, grid, clip, placement);
    context.restore();
  }, [grid, clip, placement, place.width, place.height]);
  return (
    <>
      <canvas ref={canvas} className="viewer-canvas" style={{ width: place.width }} aria-hidden />
      {grid !== undefined && <Legend grid={grid} />}
    </>
  );
}

function Legend({ grid }: { readonly grid: TokenGrid | null }) {
  const t = useText();
  if (grid === null) return <div className="area-legend">{t('tokens.none')}</div>;
  const { counts, startFrame, endFrame } = grid;
  const all = counts.generative + counts.margin + counts.context;
  const span = endFrame - startFrame === 1 ? 'tokens.frame' : 'tokens.frames';
  return (
    <dl className="area-legend" aria-label={t('tokens.title')}>
      {kinds.map((kind) => (
        <div key={kind}>
          <dt>
            <span className="area-tone" style={{ background: tones[kind], opacity: alphas[kind] * 2 }} />
            {t(`tokens.${kind}`)}
          </dt>
          <dd className="figures">
            {t('tokens.share', { percent: Math.round((counts[kind] / all) * 100) })}
          </dd>
        </div>
      ))}
      <div className="quiet figures">{t(span, { first: startFrame, last: endFrame - 1 })}</div>
    </dl>
  );
}
