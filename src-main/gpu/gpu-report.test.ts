import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { neededLibraries } from './cuda-libraries.ts';
import { gpuProblemText } from './gpu-problem-text.ts';
import { describeGpu, type GpuReport, type ProviderTrial } from './gpu-report.ts';
import { installProvider } from './install-provider.ts';
import { useProvider } from './installed-provider.ts';
import { parseCards } from './nvidia-cards.ts';
import { bundledRuntime } from './runtime-place.ts';
import { cuda13Libraries, elfBytes, fakeNvidiaSmi, wheelBytes } from './testing/packages.ts';

const onCpu: ProviderTrial = {
  provider: 'cpu',
  reports: [{ provider: 'cuda', usable: false, reason: 'CUDA cannot be started: no CUDA-capable device' }],
};
const card = 'NVIDIA GeForce RTX 4090, 580.82.07, 24564, 1204, 8.9';

let folder: string;
let home: string;
let bus: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hetcut-gpu-'));
  home = join(folder, 'home');
  bus = join(folder, 'bus');
});

afterEach(() => rm(folder, { recursive: true }));

async function putOnBus(name: string, vendor: string, deviceClass: string): Promise<void> {
  await mkdir(join(bus, name), { recursive: true });
  await writeFile(join(bus, name, 'vendor'), `${vendor}\n`);
  await writeFile(join(bus, name, 'class'), `${deviceClass}\n`);
}

async function report(
  script: string,
  more: Partial<Parameters<typeof describeGpu>[0]> = {},
): Promise<GpuReport> {
  const environment = await fakeNvidiaSmi(folder, script);
  return describeGpu({ home, trial: onCpu, environment, busFolder: bus, platform: 'linux x64', ...more });
}

const textsOf = ({ problems }: GpuReport): string => problems.map(gpuProblemText).join('\n');

/** CUDA's libraries as `pip install --target` lays them. */
async function putLibraries(names: readonly string[], bytes = elfBytes()): Promise<string> {
  const libraries = join(home, 'gpu', 'cuda', 'nvidia', 'cu13', 'lib');
  await mkdir(libraries, { recursive: true });
  for (const name of names) await writeFile(join(libraries, name), bytes);
  return libraries;
}

async function install(): Promise<void> {
  const { version } = await bundledRuntime();
  const from = join(folder, 'gpu.whl');
  await writeFile(from, wheelBytes(version));
  await installProvider({ home, from, platform: 'linux x64' });
}

describe('what nvidia-smi says', () => {
  it('is read card by card, with what older drivers and other cards leave out', () => {
    const mib = 2 ** 20;
    expect(
      parseCards(`${card}\nNVIDIA GB10, 580.1, [N/A], [N/A], 12.1\nTesla K80, 470.2, 11441, 3\n`),
    ).toEqual([
      {
        name: 'NVIDIA GeForce RTX 4090',
        driver: '580.82.07',
        memoryBytes: 24564 * mib,
        usedBytes: 1204 * mib,
        capability: 8.9,
      },
      { name: 'NVIDIA GB10', driver: '580.1', capability: 12.1 },
      { name: 'Tesla K80', driver: '470.2', memoryBytes: 11441 * mib, usedBytes: 3 * mib },
    ]);
    expect(parseCards('No devices were found\n')).toEqual([]);
  });

  it('is asked for less where the driver does not know a column', async () => {
    const script = `case "$1" in *compute_cap*) echo 'Field "compute_cap" is not a valid field to query.'; exit 2;; esac; echo 'Tesla K80, 470.2, 11441, 3'`;
    expect((await report(script)).cards).toMatchObject([{ name: 'Tesla K80' }]);
  });
});

describe('a machine without a card', () => {
  it('has no problem, whatever is installed', async () => {
    await putOnBus('0000:00:01.0', '0x8086', '0x030000');
    // An NVIDIA device that is no graphics card: its sound.
    await putOnBus('0000:00:02.0', '0x10de', '0x040300');
    for (const script of ['exit 127', 'echo No devices were found; exit 6']) {
      expect(await report(script)).toMatchObject({ cards: [], onBus: 0, problems: [] });
    }
    await install();
    expect((await report('exit 1')).problems).toEqual([]);
  });
});

describe('a card that is there', () => {
  it('and is used is no problem', async () => {
    const trial: ProviderTrial = { provider: 'cuda', reports: [{ provider: 'cuda', usable: true }] };
    expect(await report(`echo '${card}'`, { trial })).toMatchObject({ inUse: 'cuda', problems: [] });
    const onWindows: ProviderTrial = { provider: 'dml', reports: [] };
    expect((await report(`echo '${card}'`, { trial: onWindows, platform: 'win32 x64' })).problems).toEqual(
      [],
    );
  });

  it('on the bus without a driver is said, with what to do', async () => {
    await putOnBus('0000:01:00.0', '0x10de', '0x030200');
    const environment = { PATH: join(folder, 'nowhere') };
    const found = await describeGpu({
      home,
      trial: onCpu,
      environment,
      busFolder: bus,
      platform: 'linux x64',
    });
    expect(found.problems.map(({ code }) => code)).toEqual(['driver-missing', 'provider-missing']);
    expect(textsOf(found)).toMatch(/install the NVIDIA driver/);
  });

  it.each([
    [
      `echo "NVIDIA-SMI has failed because it couldn't communicate with the NVIDIA driver."; exit 9`,
      /couldn't communicate with the NVIDIA driver\): restart/,
    ],
    [
      'echo "Failed to initialize NVML: Driver/library version mismatch" >&2; exit 18',
      /version mismatch\): restart/,
    ],
    ['echo "No devices were found"; exit 6', /No devices were found/],
  ])('whose driver fails is said with the reason', async (script, text) => {
    await putOnBus('0000:01:00.0', '0x10de', '0x030000');
    const found = await report(script);
    expect(found.problems[0]).toMatchObject({ code: 'driver-broken' });
    expect(textsOf(found)).toMatch(text);
  });

  it('without a provider leads to the command that adds it', async () => {
    expect(textsOf(await report(`echo '${card}'`))).toMatch(/RTX 4090 is not used.*run `hetcut gpu install`/);
    const elsewhere = await report(`echo '${card}'`, { platform: 'linux arm64' });
    expect(textsOf(elsewhere)).toMatch(/linux arm64.*Linux x64 only/);
  });

  it('with a provider whose libraries are missing names each, and how to get it', async () => {
    await install();
    const found = await report(`echo '${card}'`);
    // What this machine has of them is not missing.
    const missing = found.libraries.filter(({ path }) => path === undefined).map(({ name }) => name);
    expect(found.libraries.map(({ name }) => name)).toEqual(
      [...cuda13Libraries, 'libcudnn.so.9', 'libcufft.so.12'].sort(),
    );
    for (const name of missing) expect(textsOf(found)).toContain(`${name} (`);
    if (missing.includes('libcublas.so.13')) {
      expect(textsOf(found)).toMatch(
        /pip install --no-deps --target ".*gpu.cuda" .*nvidia-cublas .*apt install .*libcublas-13-0/,
      );
    }
  });

  it('with libraries that are none for this machine names the file', async () => {
    await install();
    await putLibraries(['libcudnn.so.9'], elfBytes({ is64Bit: false }));
    const libraries = await putLibraries(['libcufft.so.12'], Buffer.from('not a library'));
    const found = await report(`echo '${card}'`);
    const wrong = found.libraries.filter(({ unusable }) => unusable !== undefined).map(({ name }) => name);
    // A machine that has them elsewhere uses those.
    expect(
      wrong.length + found.libraries.filter(({ path }) => path !== undefined).length,
    ).toBeGreaterThanOrEqual(2);
    for (const name of wrong)
      expect(textsOf(found)).toContain(`${join(libraries, name)} is no ${name} for this machine`);
  });

  it('with libraries that the loader does not know tells them to what is started', async () => {
    await install();
    const names = [...cuda13Libraries, 'libcudnn.so.9', 'libcufft.so.12'];
    const libraries = await putLibraries(names);
    const found = await report(`echo '${card}'`);
    expect(found.libraries.every(({ path }) => path !== undefined)).toBe(true);
    // All is there, and ONNX Runtime still refuses: its own reason.
    expect(textsOf(found)).toMatch(/no CUDA-capable device/);
    const environment: NodeJS.ProcessEnv = { LD_LIBRARY_PATH: '/mine' };
    expect(await useProvider(home, environment)).toBe(true);
    expect(environment['LD_LIBRARY_PATH']?.split(':')).toEqual(expect.arrayContaining([libraries, '/mine']));
    // A process that was started with them needs no more.
    expect(await useProvider(home, environment)).toBe(false);
  });

  it('with a driver or chip too old for the provider’s CUDA is said', async () => {
    await install();
    await putLibraries([...cuda13Libraries, 'libcudnn.so.9', 'libcufft.so.12']);
    const old = await report(`echo 'GeForce GTX 1080, 535.183.01, 8192, 1, 6.1'`);
    expect(old.problems.map(({ code }) => code)).toEqual(['driver-old', 'card-old']);
    expect(textsOf(old)).toMatch(/535\.183\.01 is too old for CUDA 13: install 580[\s\S]*needs 7\.5/);
  });

  it('or none: a provider that ends its process is said in any case', async () => {
    const found = await report('exit 1', { trial: { ...onCpu, crash: 'SIGSEGV' } });
    expect(textsOf(found)).toMatch(/SIGSEGV.*hetcut gpu remove/);
  });
});

describe('neededLibraries', () => {
  it('adds what a build loads at first use, and tells its CUDA', () => {
    const twelve = ['libcudart.so.12', 'libcublas.so.12', 'libcufft.so.11', 'libcudnn.so.9', 'libc.so.6'];
    expect(neededLibraries(twelve)).toEqual({ cuda: 12, names: twelve.slice(0, 4).sort() });
    expect(neededLibraries(['libcublas.so.13'])).toEqual({
      cuda: 13,
      names: ['libcublas.so.13', 'libcudnn.so.9', 'libcufft.so.12'],
    });
    expect(neededLibraries(['libm.so.6'])).toEqual({ cuda: undefined, names: [] });
  });
});
