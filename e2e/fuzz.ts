/**
 * Feeds what HetCut reads with damaged, odd and malicious contents: each must be read, or refused with a code, a message
 * and a hint, at once and without believing sizes that no file has; and knocks at a `serve` of its own. Ends with 1 where
 * anything else happens, and says how to make it happen again.
 *   node --import tsx e2e/fuzz.ts [--cases 100000] [--seed N] [--only NAME,…]
 */
import { parseArgs } from 'node:util';
import { openDoor } from './fuzz/open-door.ts';
import { serveSubjects } from './fuzz/serve.ts';
import { subjects, tryOut } from './fuzz/run-subjects.ts';
import { peakBytes } from './processes.ts';

const { values } = parseArgs({
  options: {
    cases: { type: 'string', default: '100000' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    only: { type: 'string' },
  },
});
const [cases, seed] = [Number(values.cases), Number(values.seed)];
const wanted = values.only?.split(',');
const needsDoor = wanted?.some((name) => name.startsWith('serve-')) ?? true;
const door = needsDoor ? await openDoor() : undefined;

let failed = false;
let all = 0;
try {
  const known = [...subjects, ...(door === undefined ? [] : serveSubjects(door))];
  const chosen = known.filter(({ name }) => wanted?.includes(name) ?? true);
  if (chosen.length === 0)
    throw new Error(`there is none of that name: ${known.map(({ name }) => name).join(', ')}`);
  const weights = chosen.reduce((sum, { weight }) => sum + weight, 0);
  process.stdout.write(`seed ${seed}\n| what | cases | seconds | megabytes |\n| --- | --- | --- | --- |\n`);
  for (const one of chosen) {
    const began = performance.now();
    const { cases: tried, report } = await tryOut(one, Math.ceil((cases * one.weight) / weights), seed);
    all += tried;
    const bytes =
      one.name.startsWith('serve-') && door !== undefined ? peakBytes(door.pid) : process.memoryUsage.rss();
    const row = [
      one.name,
      tried,
      ((performance.now() - began) / 1000).toFixed(1),
      Math.round(bytes / 2 ** 20),
    ];
    process.stdout.write(`| ${row.join(' | ')} |\n`);
    if (report === undefined) continue;
    failed = true;
    process.stdout.write(`${one.name}, seed ${seed}: ${report.slice(0, 4000)} … ${report.slice(-2000)}\n`);
  }
  process.stdout.write(`${all} cases in all\n`);
} finally {
  await door?.close();
}
process.exitCode = failed ? 1 : 0;
