import { useEffect, useMemo, useRef } from 'react';
import { pixelSourceNames, pixelSources, type PixelSource } from '../../src-shared/core/fill/index.ts';
import type { SourceMap } from '../../src-shared/ipc/index.ts';
import { useText } from '../i18n/index.ts';
import { clearedContext } from '../state/redraw.ts';
import { useView } from '../state/view-store.ts';
import { useSourceMap, type FoundSources } from './source-request.ts';
import type { ClipPlace } from './use-placement.ts';

/** In front of any picture, whatever the theme. */
const tones: Readonly<Record<PixelSource, readonly [red: number, green: number, blue: number]>> = {
  plate: [77, 159, 255],
  exemplar: [232, 196, 92],
  smooth: [232, 234, 237],
  network: [222, 92, 176],
};
const opacity = 0.5;

/** The map as a picture of its own size, to be scaled. */
function paintMap({ width, height, greys }: SourceMap): HTMLCanvasElement {
  const canvas = document.createElement('canvas');
  canvas.width = width;
  canvas.height = height;
  const context = canvas.getContext('2d') as CanvasRenderingContext2D;
  const picture = context.createImageData(width, height);
  const byGrey = new Map(pixelSourceNames.map((name) => [pixelSources[name] as number, tones[name]]));
  const bytes = atob(greys);
  for (let i = 0; i < bytes.length; i++) {
    const tone = byGrey.get(bytes.charCodeAt(i));
    if (tone !== undefined) picture.data.set([...tone, 255 * opacity], 4 * i);
  }
  context.putImageData(picture, 0, 0);
  return canvas;
}

/** Where the filled pixels of the frame come from, over the picture, with the legend. */
export function SourceOverlay({ where }: { readonly where: ClipPlace }) {
  const shown = useView((state) => state.areas === 'sources');
  return shown ? <SourcePicture where={where} /> : null;
}

function SourcePicture({ where }: { readonly where: ClipPlace }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const found = useSourceMap();
  const map = typeof found === 'object' && found.width > 0 ? found : undefined;
  const picture = useMemo(() => (map === undefined ? undefined : paintMap(map)), [map]);
  const { place, placement } = where;
  useEffect(() => {
    if (canvas.current === null) return;
    const context = clearedContext(canvas.current, place.width, place.height);
    if (map === undefined || picture === undefined) return;
    const { left, top, scale } = placement;
    const { x, y, width, height } = map.rect;
    context.imageSmoothingEnabled = false;
    context.drawImage(picture, left + x * scale, top + y * scale, width * scale, height * scale);
  }, [map, picture, placement, place.width, place.height]);
  return (
    <>
      <canvas ref={canvas} className="viewer-canvas" style={{ width: place.width }} aria-hidden />
      {found !== undefined && <Legend found={found} />}
    </>
  );
}

function Legend({ found }: { readonly found: FoundSources }) {
  const t = useText();
  if (found === 'no-result') return <div className="area-legend">{t('sources.noResult')}</div>;
  if (found === 'unknown') return <div className="area-legend">{t('sources.unknown')}</div>;
  const { counts } = found;
  const all = pixelSourceNames.reduce((sum, name) => sum + counts[name], 0);
  if (all === 0) return <div className="area-legend">{t('sources.empty')}</div>;
  return (
    <dl className="area-legend" aria-label={t('sources.title')}>
      {pixelSourceNames
        .filter((name) => counts[name] > 0)
        .map((name) => (
          <div key={name}>
            <dt>
              <span className="area-tone" style={{ background: `rgb(${tones[name].join(' ')})` }} />
              {t(`sources.${name}`)}
            </dt>
            <dd className="figures">
              {t('sources.share', { percent: Math.round((counts[name] / all) * 100) })}
            </dd>
          </div>
        ))}
    </dl>
  );
}
