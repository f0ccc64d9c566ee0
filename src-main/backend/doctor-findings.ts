import type { DoctorFinding } from '../../src-shared/ipc/index.ts';
import { gpuProblemText } from '../gpu/index.ts';
import type { MachineReport } from '../host/examine-machine.ts';

const inGib = (value: number): string => `${value.toFixed(1)} GiB`;

/** Hardware encoders in a line: none of them is needed. Those that fail alike are named together. */
function encodersText(found: MachineReport['hardwareEncoders']): string {
  const usable = found.flatMap((encoder) => (encoder.usable ? [encoder.name] : []));
  const failing = new Map<string, string[]>();
  for (const { name, listed, usable: works, reason = 'no reason given' } of found) {
    if (!listed || works) continue;
    // ffmpeg says first which part of it speaks.
    const said = reason.replace(/^\w+: /, '').replace(/\.$/, '');
    failing.set(said, [...(failing.get(said) ?? []), name]);
  }
  const broken = [...failing].map(([said, names]) => `${names.join(', ')} (${said})`);
  const works = usable.length === 0 ? 'software only' : usable.join(', ');
  return broken.length === 0 ? works : `${works}; do not work here: ${broken.join(', ')}`;
}

/** The report as rows: what is there, then each problem. */
export function doctorFindings(report: MachineReport): DoctorFinding[] {
  const { processor, memory, home, gpu, providers, ffmpeg, hardwareEncoders, models } = report;
  const ofCards = new Set(gpu.problems.map(gpuProblemText));
  const problems = report.problems.filter((text) => !ofCards.has(text));
  const usesHardware = hardwareEncoders.some(({ usable }) => usable);
  const disk = home.freeDiskGib === null ? '' : `, ${inGib(home.freeDiskGib)} of disk free`;
  return [
    {
      part: 'processor',
      state: 'ok',
      text: `${processor.threads} × ${processor.model}, ${report.platform}`,
    },
    {
      part: 'memory',
      state: 'ok',
      text: `${inGib(memory.freeGib)} of ${inGib(memory.totalGib)} free`,
      say: { code: 'memory', values: { free: inGib(memory.freeGib), total: inGib(memory.totalGib) } },
    },
    {
      part: 'home',
      state: 'ok',
      text: `${home.path}${disk}`,
      ...(home.freeDiskGib === null
        ? {}
        : { say: { code: 'disk', values: { path: home.path, free: inGib(home.freeDiskGib) } } as const }),
    },
    ...gpu.cards.map(({ name, driver, memoryBytes }) => ({
      part: 'card' as const,
      state: 'ok' as const,
      text: [
        name,
        ...(memoryBytes === undefined ? [] : [inGib(memoryBytes / 2 ** 30)]),
        ...(driver === undefined ? [] : [`driver ${driver}`]),
      ].join(', '),
    })),
    ...providers.map(({ provider, usable, reason }): DoctorFinding => {
      if (usable) return { part: provider, state: 'ok', text: 'usable', say: { code: 'usable', values: {} } };
      const text = reason ?? 'not usable';
      // Only a machine on which nothing runs is in trouble, and the CPU always does.
      if (provider === 'cpu') return { part: provider, state: 'wrong', text };
      // Why a card that is there is not used is a problem of its own.
      const code = provider === 'cuda' && gpu.cards.length === 0 ? 'no-card' : 'not-here';
      return { part: provider, state: 'unused', text, say: { code, values: {} } };
    }),
    ...(['ffmpeg', 'ffprobe'] as const).flatMap((part): DoctorFinding[] => {
      const program = ffmpeg[part];
      if (program === undefined) return [];
      const { path, source, version } = program;
      return [{ part, state: 'ok', text: `${path} (${source}, ${version})` }];
    }),
    {
      part: 'encoders',
      state: usesHardware ? 'ok' : 'unused',
      text: encodersText(hardwareEncoders),
      ...(usesHardware ? {} : { say: { code: 'software', values: {} } as const }),
    },
    {
      part: 'models',
      state: 'ok',
      text: models.map(({ id }) => id).join(', ') || 'none yet',
      ...(models.length === 0 ? { say: { code: 'no-models', values: {} } as const } : {}),
    },
    ...problems.map((text) => ({ part: 'problem' as const, state: 'wrong' as const, text })),
    ...gpu.problems.map((problem) => ({
      part: 'problem' as const,
      state: 'wrong' as const,
      text: gpuProblemText(problem),
      gpu: problem,
    })),
  ];
}
