import type { GpuProblemCode } from '../../src-shared/ipc/index.ts';
import type { GpuProblem } from './gpu-report.ts';

type Values = GpuProblem['values'];

/** What is wrong, and what to do about it. The window has the same in its languages. */
const texts: Readonly<Record<GpuProblemCode, (values: Values) => string>> = {
  'driver-missing': () =>
    'An NVIDIA card is in this machine, but its driver is not: install the NVIDIA driver of your system, then restart.',
  'driver-broken': ({ reason }) =>
    `The NVIDIA driver does not work (${reason}): restart; if that does not help, install the driver again.`,
  'driver-old': ({ driver, needed, cuda }) =>
    `The NVIDIA driver ${driver} is too old for CUDA ${cuda}: install ${needed} or newer.`,
  'card-old': ({ card, capability, needed, cuda }) =>
    `${card} (compute capability ${capability}) is too old for CUDA ${cuda}, which needs ${needed}: use a provider for an older CUDA with \`hetcut gpu install --from\`.`,
  platform: ({ card, platform }) =>
    `${card} cannot be used on ${platform}: ONNX Runtime has a CUDA provider for Linux x64 only.`,
  'provider-missing': ({ card }) =>
    `${card} is not used, because ONNX Runtime's CUDA provider is not installed: run \`hetcut gpu install\`.`,
  'provider-other-version': ({ reason }) =>
    `The installed CUDA provider belongs to another version (${reason}): run \`hetcut gpu install\` again.`,
  'provider-damaged': ({ reason }) =>
    `The installed CUDA provider is damaged (${reason}): run \`hetcut gpu install\` again.`,
  'libraries-missing': ({ libraries, apt, command }) =>
    [
      `The CUDA provider needs libraries that are not on this machine: ${libraries}.`,
      ...(command === '' ? [] : [`Get them with: ${command}`]),
      ...(apt === '' ? [] : [`or, from NVIDIA's package source: sudo apt install ${apt}`]),
    ].join(' '),
  'library-unusable': ({ name, path }) =>
    `${path} is no ${name} for this machine (damaged, empty or of another processor): remove it or install it again.`,
  'provider-crashes': ({ reason }) =>
    `The CUDA provider ends every process that loads it (${reason}), and with it every job: run \`hetcut gpu remove\`, then install CUDA libraries and driver that fit each other.`,
  'provider-refused': ({ card, reason }) => `${card} is not used: ${reason}.`,
};

export function gpuProblemText({ code, values }: GpuProblem): string {
  return texts[code](values);
}
