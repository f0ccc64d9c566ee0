import { defineConfig } from 'vitest/config';

/** Runs of the command: most of their time one process starts, so that two at a time take less than one by one. */
const commandTests = ['bad-input', 'cache-methods', 'estimate', 'layers', 'parity', 'remove'].map(
  (name) => `e2e/${name}.test.ts`,
);

/** Limits are for what hangs, however busy the machine is: no verdict depends on the clock. */
const minutes = (count: number): number => count * 60_000;
const wholeProgram = {
  testTimeout: minutes(30),
  hookTimeout: minutes(15),
  expect: { poll: { timeout: minutes(5) } },
  globalSetup: 'e2e/set-up.ts',
};

export default defineConfig({
  test: {
    // Two-core machines: a test that opens a model session must not fight another one for the processor.
    maxWorkers: 2,
    reporters: ['default', './e2e/report-skipped.ts'],
    testTimeout: minutes(10),
    hookTimeout: minutes(10),
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['src-shared/**/*.test.ts', 'src-renderer/**/*.test.ts'],
          // Arithmetic and state without globals: modules are loaded once for all files, not once for each.
          isolate: false,
        },
      },
      {
        extends: true,
        test: {
          name: 'unit-main',
          include: ['src-main/**/*.test.ts'],
          globalSetup: 'src-main/media/testing/use-npm-binaries.ts',
        },
      },
      {
        extends: true,
        test: {
          name: 'e2e',
          include: commandTests,
          ...wholeProgram,
        },
      },
      {
        extends: true,
        test: {
          name: 'e2e-window',
          include: ['e2e/**/*.test.ts'],
          exclude: commandTests,
          ...wholeProgram,
          // One window at a time: only one has the focus of a display.
          fileParallelism: false,
        },
      },
    ],
  },
});
