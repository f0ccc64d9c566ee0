/** What one kind of process took at its most. */
export interface PlotLine {
  readonly name: string;
  readonly points: readonly { readonly minutes: number; readonly mb: number }[];
}

const width = 640;
const height = 320;
const margin = { left: 64, right: 96, top: 24, bottom: 48 };
const colours = ['#2f6fde', '#c2571a', '#2c8a4b'];

/** Peak memory against the clip's length as an SVG. */
export function memoryPlot(lines: readonly PlotLine[]): string {
  const all = lines.flatMap(({ points }) => points);
  const mostMb = Math.ceil(Math.max(...all.map(({ mb }) => mb)) / 200) * 200;
  const mostMinutes = Math.max(...all.map(({ minutes }) => minutes));
  const x = (minutes: number): number =>
    margin.left + (minutes / mostMinutes) * (width - margin.left - margin.right);
  const y = (mb: number): number =>
    height - margin.bottom - (mb / mostMb) * (height - margin.top - margin.bottom);
  const text = (at: readonly [number, number], anchor: string, words: string, colour = '#444'): string =>
    `<text x="${at[0].toFixed(1)}" y="${at[1].toFixed(1)}" text-anchor="${anchor}" fill="${colour}">${words}</text>`;
  const grid = [0, 1, 2, 3, 4].map((part) => {
    const mb = (mostMb * part) / 4;
    return `<line x1="${margin.left}" x2="${width - margin.right}" y1="${y(mb).toFixed(1)}" y2="${y(mb).toFixed(1)}" stroke="#ddd"/>${text([margin.left - 8, y(mb) + 4], 'end', String(mb))}`;
  });
  const ticks = [...new Set(all.map(({ minutes }) => minutes))].map((minutes) =>
    text([x(minutes), height - margin.bottom + 18], 'middle', String(minutes)),
  );
  const drawn = lines.map(({ name, points }, index) => {
    const colour = colours[index % colours.length];
    const places = points.map(({ minutes, mb }) => `${x(minutes).toFixed(1)},${y(mb).toFixed(1)}`);
    const dots = places.map((place) => {
      const [cx, cy] = place.split(',');
      return `<circle cx="${cx}" cy="${cy}" r="3" fill="${colour}"/>`;
    });
    const last = points[points.length - 1];
    return [
      `<polyline points="${places.join(' ')}" fill="none" stroke="${colour}" stroke-width="2"/>`,
      ...dots,
      text([x(last.minutes) + 8, y(last.mb) + 4], 'start', name, colour),
    ].join('');
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="12">`,
    `<rect width="${width}" height="${height}" fill="#fff"/>`,
    ...grid,
    ...ticks,
    ...drawn,
    text([margin.left, 14], 'start', 'Peak memory, MiB'),
    text([(margin.left + width - margin.right) / 2, height - 10], 'middle', 'Length of the clip, minutes'),
    '</svg>\n',
  ].join('\n');
}
