/** What takes the room of an unpacked program. */
import { lstatSync, readdirSync } from 'node:fs';
import { join, relative, sep } from 'node:path';

/** By the path in the folder of the program; the first that fits. The rest is Electron. */
const parts = [
  ['ffmpeg', /app\.asar\.unpacked\/(?:ffmpeg|node_modules\/@ff(?:mpeg|probe)-installer)\//],
  ['ONNX Runtime', /app\.asar\.unpacked\/node_modules\/onnxruntime-/],
  ['OpenCV', /app\.asar\.unpacked\/node_modules\/@techstark\//],
  ['models', /app\.asar\.unpacked\/models\//],
  ['samples', /app\.asar\.unpacked\/assets\//],
  ['HetCut', /(?:app\.asar|resources\/hetcut)/],
];

function* filesIn(folder) {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) yield* filesIn(path);
    else yield path;
  }
}

/** @returns {Record<string, number>} bytes by part, the largest first */
export function sizeByPart(folder) {
  const sizes = {};
  for (const path of filesIn(folder)) {
    const place = relative(folder, path).split(sep).join('/');
    const [part] = parts.find(([, pattern]) => pattern.test(place)) ?? ['Electron'];
    sizes[part] = (sizes[part] ?? 0) + lstatSync(path).size;
  }
  return Object.fromEntries(Object.entries(sizes).sort(([, one], [, other]) => other - one));
}

/** @returns {string} a line for each part, and the sum */
export function sizeTable(sizes) {
  const all = Object.values(sizes).reduce((sum, size) => sum + size, 0);
  const line = ([part, size]) => `${part.padEnd(14)}${(size / 1e6).toFixed(1).padStart(8)} MB`;
  return [...Object.entries(sizes), ['all', all]].map(line).join('\n');
}
