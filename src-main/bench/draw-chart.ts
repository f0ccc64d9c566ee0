import { createRequire } from 'node:module';
import { Resvg } from '@resvg/resvg-js';
import { BarChart, LineChart, ScatterChart } from 'echarts/charts';
import { GraphicComponent, GridComponent, LegendComponent, TitleComponent } from 'echarts/components';
import * as echarts from 'echarts/core';
import { LabelLayout } from 'echarts/features';
import { SVGRenderer } from 'echarts/renderers';
import type { EChartsOption } from 'echarts';
import { fontFamily } from './plot-style.ts';

/** A chart before it is drawn; width and height in the chart's own pixels. */
export interface Chart {
  readonly width: number;
  readonly height: number;
  readonly option: EChartsOption;
}

/** The PNG has this many pixels for each of the chart's, so that type stays sharp in print. */
export const pngScale = 2;

const fontFiles = ['400Regular/Inter_400Regular.ttf', '600SemiBold/Inter_600SemiBold.ttf'];

/** The chart as SVG text. No browser: ECharts draws into strings. */
export function chartSvg({ width, height, option }: Chart): string {
  echarts.use([
    ...[BarChart, LineChart, ScatterChart],
    ...[GraphicComponent, GridComponent, LegendComponent, TitleComponent],
    ...[LabelLayout, SVGRenderer],
  ]);
  const chart = echarts.init(null, null, { renderer: 'svg', ssr: true, width, height });
  try {
    chart.setOption({ animation: false, textStyle: { fontFamily }, ...option });
    return chart.renderToSVGString();
  } finally {
    chart.dispose();
  }
}

/** The PNG file of an SVG. Type is set in the Inter that npm brings, so that plots look the same on every machine. */
export function svgPng(svg: string): Buffer {
  const { resolve } = createRequire(import.meta.url);
  const picture = new Resvg(svg, {
    fitTo: { mode: 'zoom', value: pngScale },
    background: '#ffffff',
    font: {
      fontFiles: fontFiles.map((file) => resolve(`@expo-google-fonts/inter/${file}`)),
      loadSystemFonts: false,
      defaultFontFamily: fontFamily,
    },
  });
  return picture.render().asPng();
}
