/**
 * Writes THIRD-PARTY.md: every package that the program is made of, with its licence.
 *   node src-main/app/third-party.mjs
 * Of what package-lock.json names, so that it is the same on every machine; the texts are those of the packages.
 */
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const target = join(root, 'THIRD-PARTY.md');

/** What is no npm package, or carries more than its own licence says. */
const head = `# What HetCut is made of

HetCut itself is under the [Apache License 2.0](LICENSE). It contains, or runs, the work of others, named below with their
licences. This file is made by \`node src-main/app/third-party.mjs\`; a test fails where it is not up to date.

| part | licence |
| --- | --- |
| Electron, with Chromium and Node.js | MIT; \`LICENSES.chromium.html\` beside the program has all of Chromium's |
| ffmpeg and ffprobe that a package may carry (\`ffmpeg/LICENCE.txt\` in it says which and how they were built), run as programs of their own | GPL-3.0 or as it says there; sources: https://ffmpeg.org/download.html |
| ffmpeg and ffprobe of the npm packages \`@ffmpeg-installer\` and \`@ffprobe-installer\`, run as programs of their own where there is no other | GPL-3.0; sources: https://ffmpeg.org/download.html |
| ONNX Runtime (in \`onnxruntime-node\`) | MIT; \`ThirdPartyNotices.txt\` at https://github.com/microsoft/onnxruntime |
| OpenCV (in \`@techstark/opencv-js\`) | Apache-2.0 |
| Inter (in \`@expo-google-fonts/inter\`) | SIL Open Font License 1.1 |
| The bundled models | their cards: [starter](models/starter/README.md), [words](models/words/README.md) |
| The demo's clips | [assets/demo](assets/demo/README.md) |
`;

/** Of package-lock.json: what the program needs at run time, on any system. */
function packagesOf(lock) {
  return Object.entries(lock.packages)
    .filter(([path, { dev }]) => path !== '' && !dev)
    .map(([path, { version, license }]) => ({
      path,
      name: path.replace(/^.*node_modules\//, ''),
      version,
      license,
    }))
    .sort((a, b) => (a.name < b.name ? -1 : Number(a.name > b.name)) || (a.version < b.version ? -1 : 1));
}

/** The licence that an installed package names; old ones have a list. */
function namedIn(folder) {
  try {
    const { license, licenses } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
    return license ?? licenses?.map(({ type }) => type).join(' OR ');
  } catch {
    return undefined;
  }
}

function textIn(folder) {
  try {
    const file = readdirSync(folder).find((name) => /^(licen[cs]e|copying)/i.test(name));
    return file && readFileSync(join(folder, file), 'utf8').replaceAll('\r\n', '\n').trim();
  } catch {
    return undefined;
  }
}

/** @returns {string} the text of THIRD-PARTY.md. Throws where a package names no licence. */
export function thirdParty() {
  const packages = packagesOf(JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')));
  const rows = new Map();
  const texts = new Map();
  for (const { path, name, version, license } of packages) {
    const folder = join(root, path);
    const licence = license ?? namedIn(folder);
    if (!licence)
      throw new Error(`${name} ${version} names no licence: look for it, and name it in third-party.mjs`);
    rows.set(`${name} ${version}`, `| ${name} | ${version} | ${licence} |`);
    const text = textIn(folder);
    if (text) texts.set(text, [...(texts.get(text) ?? []), `${name} ${version}`]);
  }
  const parts = [...texts].map(([text, names]) => `### ${[...new Set(names)].join(', ')}\n\n${fenced(text)}`);
  return [
    head,
    `## Packages\n\n| package | version | licence |\n| --- | --- | --- |\n${[...rows.values()].join('\n')}\n`,
    `## Texts\n\n${parts.join('\n\n')}\n`,
  ].join('\n');
}

/** Longer than any fence in it. */
function fenced(text) {
  const fence = '`'.repeat(Math.max(3, ...[...text.matchAll(/`+/g)].map(([run]) => run.length + 1)));
  return `${fence}text\n${text}\n${fence}`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) writeFileSync(target, thirdParty());
