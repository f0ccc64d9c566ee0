import type { Reporter, TestModule } from 'vitest/node';
import { findChromium, findElectron, type Found } from './app/runtimes.ts';

const remedy = 'On Debian: apt-get install chromium xvfb, then npm test. As root, .ci/run does both.';

/** What of a machine's lack kept tests from being run, after everything else that a run prints. */
export default class ReportSkipped implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const suites = modules.flatMap((module) =>
      [...module.children.suites()].flatMap((suite) => {
        const tests = [...suite.children.allTests()];
        const skipped = tests.filter((test) => test.result().state === 'skipped').length;
        return skipped > 0 && skipped === tests.length ? [{ name: suite.name, skipped }] : [];
      }),
    );
    const missing = [findChromium(), findElectron()].flatMap((found: Found) =>
      'missing' in found ? [found.missing] : [],
    );
    if (suites.length === 0 || missing.length === 0) return;
    const count = suites.reduce((sum, { skipped }) => sum + skipped, 0);
    process.stdout.write(
      [
        `Not run: ${count} tests, counted above as skipped, because ${missing.join('; and ')}.`,
        ...suites.map(({ name, skipped }) => `  ${name} (${skipped})`),
        remedy,
        'E2E_REQUIRED=1 makes what is missing a failure.',
        '',
      ].join('\n'),
    );
  }
}
