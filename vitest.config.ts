import { defineConfig } from 'vitest/config';
import { hasOwnDisplays } from './e2e/app/display.ts';

/** Those that open Electron's windows, of which one has the focus of the display. A browser's pages are on none. */
const electronTests = ['electron', 'package', 'app/desktop', 'app/plate'].map(
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
    // One more than the cores of a small machine: tests of whole programs wait for them most of the time.
    maxWorkers: 3,
    reporters: ['default', './e2e/report-skipped.ts'],
    testTimeout: minutes(10),
    hookTimeout: minutes(10),
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['src-shared/**/*.test.ts', 'src-renderer/**/*.test.ts'],
          setupFiles: 'src-renderer/state/testing/fresh-stores.ts',
          // Nothing in them changes a global: modules are loaded once for all files, not once for each.
          isolate: false,
        },
      },
      {
        extends: true,
        test: {
          name: 'unit-main',
          // What is read from what others made, with a few contents of each kind.
          include: ['src-main/**/*.test.ts', 'e2e/fuzz/*.test.ts'],
          setupFiles: 'src-main/media/testing/use-npm-binaries.ts',
          isolate: false,
        },
      },
      {
        extends: true,
        test: {
          name: 'e2e',
          include: ['e2e/**/*.test.ts'],
          exclude: [...electronTests, 'e2e/fuzz/**'],
          ...wholeProgram,
        },
      },
      {
        extends: true,
        test: {
          name: 'e2e-electron',
          include: electronTests,
          ...wholeProgram,
          setupFiles: 'e2e/app/own-display.ts',
          fileParallelism: hasOwnDisplays,
        },
      },
    ],
  },
});
