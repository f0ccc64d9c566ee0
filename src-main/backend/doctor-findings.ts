import type { DoctorFinding } from '../../src-shared/ipc/index.ts';
import { gpuProblemText } from '../gpu/index.ts';
import type { MachineReport } from '../host/examine-machine.ts';

const inGib = (value: number): string => `${value.toFixed(1)} GiB`;

/** Hardware encoders that ffmpeg lists and that do not work here; those that fail alike are named together. */
function failingEncoders(found: MachineReport['hardwareEncoders']): string {
  const failing = new Map<string, string[]>();
  for (const { name, listed, usable: works, reason = 'no reason given' } of found) {
    if (!listed || works) continue;
    // ffmpeg says first which part of it speaks.
    const said = reason.replace(/^\w+: /, '').replace(/\.$/, '');
    failing.set(said, [...(failing.get(said) ?? []), name]);
  }
  return [...failing].map(([said, names]) => `${names.join(', ')} (${said})`).join(', ');
}

/** Hardware encoders: none of them is needed, and none that fails stands beside a tick. */
function encoderRows(found: MachineReport['hardwareEncoders']): DoctorFinding[] {
  const usable = found.flatMap(({ name, usable: works }) => (works ? [name] : []));
  const failing = failingEncoders(found);
  const broken = failing === '' ? '' : `do not work here: ${failing}`;
  if (usable.length === 0) {
    const text = ['software only', broken].filter(Boolean).join('; ');
    return [{ part: 'encoders', state: 'unused', text, say: { code: 'software', values: {} } }];
  }
  return [
    { part: 'encoders', state: 'ok', text: usable.join(', ') },
    ...(broken === '' ? [] : [{ part: 'encoders', state: 'unused', text: broken } as const]),
  ];
}

/** The report as rows: what is there, then each problem. */
export function doctorFindings(report: MachineReport): DoctorFinding[] {
  const { processor, memory, home, gpu, providers, ffmpeg, hardwareEncoders, models } = report;
  const ofCards = new Set(gpu.problems.map(gpuProblemText));
  const problems = report.problems.filter((text) => !ofCards.has(text));
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
    ...encoderRows(hardwareEncoders),
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
