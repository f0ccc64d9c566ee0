import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { thirdParty } from './third-party.mjs';

it('THIRD-PARTY.md names every package with its licence, as they are now', () => {
  const text = readFileSync(new URL('../../THIRD-PARTY.md', import.meta.url), 'utf8');
  expect(text, 'node src-main/app/third-party.mjs writes it anew').toBe(thirdParty());
  const { dependencies } = JSON.parse(
    readFileSync(new URL('../../package.json', import.meta.url), 'utf8'),
  ) as { dependencies: Record<string, string> };
  for (const name of Object.keys(dependencies)) expect(text).toMatch(new RegExp(`^\\| ${name} \\| \\d`, 'm'));
});
