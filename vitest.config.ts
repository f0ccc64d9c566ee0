import { defineConfig } from 'vitest/config';

/** Runs of the command: most of their time one process starts, so that two at a time take less than one by one. */
const commandTests = [
  'bad-input',
  'cache-methods',
  'estimate',
  'layers',
  'mask-track',
  'parity',
  'remove',
].map((name) => `e2e/${name}.test.ts`);

const wholeProgram = { testTimeout: 600_000, hookTimeout: 180_000 };

export default defineConfig({
  test: {
    // Two-core machines: a test that opens a model session must not fight another one for the processor.
    maxWorkers: 2,
    testTimeout: 60_000,
    hookTimeout: 60_000,
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['src-shared/**/*.test.ts', 'src-main/**/*.test.ts', 'src-renderer/**/*.test.ts'],
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
          expect: { poll: { timeout: 20_000 } },
        },
      },
    ],
  },
});
