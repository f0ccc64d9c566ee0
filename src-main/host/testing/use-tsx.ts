import { afterAll, beforeAll } from 'vitest';

/** Processes that the tests of this file start run TypeScript, as those of the program do in a checkout. */
export function useTsx(): void {
  const before = process.env['NODE_OPTIONS'];
  beforeAll(() => {
    process.env['NODE_OPTIONS'] = `${before ?? ''} --import tsx`;
  });
  afterAll(() => {
    if (before === undefined) delete process.env['NODE_OPTIONS'];
    else process.env['NODE_OPTIONS'] = before;
  });
}
