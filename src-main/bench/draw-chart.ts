import { createRequire } from 'node:module';
import type * as ResvgModule from '@resvg/resvg-js';
import type * as ECharts from 'echarts';
import { fontFamily, textWidth } from './plot-style.ts';

/** A chart before it is drawn; width and height in the chart's own pixels. */
export interface Chart {
  readonly width: number;
  readonly height: number;
  readonly option: ECharts.EChartsOption;
}

/** The PNG has this many pixels for each of the chart's, so that type stays sharp in print. */
const pngScale = 2;

/** ECharts in one file: as some 700 modules it takes ten times as long to load. */
function loadECharts(): typeof ECharts {
  const echarts = createRequire(import.meta.url)('echarts/dist/echarts.min.js') as typeof ECharts;
  // Without a browser ECharts guesses widths of its own, which are too small for Inter.
  echarts.setPlatformAPI({
    measureText: (text: string, font?: string) => ({
      width: textWidth(text, Number(/([\d.]+)px/.exec(font ?? '')?.[1] ?? 12)),
    }),
  });
  return echarts;
}

/** The chart as SVG text. No browser: ECharts draws into strings. */
export function chartSvg({ width, height, option }: Chart): string {
  const chart = loadECharts().init(null, null, { renderer: 'svg', ssr: true, width, height });
  try {
    chart.setOption({ animation: false, textStyle: { fontFamily }, ...option });
    return chart.renderToSVGString();
  } finally {
    chart.dispose();
  }
}

/** The PNG file of an SVG. Type is set in the Inter that npm brings, so that plots look the same on every machine. */
export function svgPng(svg: string): Buffer {
  const require = createRequire(import.meta.url);
  // Loaded when it is used: a packaged program draws no charts and has none.
  const { Resvg } = createRequire(import.meta.url)('@resvg/resvg-js') as typeof ResvgModule;
  const picture = new Resvg(svg, {
    fitTo: { mode: 'zoom', value: pngScale },
    background: '#ffffff',
    font: {
      fontFiles: [
        require.resolve('@expo-google-fonts/inter/400Regular/Inter_400Regular.ttf'),
        require.resolve('@expo-google-fonts/inter/600SemiBold/Inter_600SemiBold.ttf'),
      ],
      loadSystemFonts: false,
      defaultFontFamily: fontFamily,
    },
  });
  return picture.render().asPng();
}
