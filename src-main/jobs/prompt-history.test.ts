import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openPromptHistory } from './prompt-history.ts';

let home: string;
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'hetcut-prompts-'));
});
afterEach(() => rm(home, { recursive: true, force: true }));

const used = (prompt: string, negativePrompt = '') => ({ prompt, negativePrompt });

describe('the prompt history', () => {
  it('has the newest first, each once, and twenty at most', async () => {
    const history = openPromptHistory(home);
    expect(await history.recent()).toEqual([]);
    await Promise.all(Array.from({ length: 25 }, (_, i) => history.add(used(`prompt ${i}`))));
    await history.add(used(' prompt 20 '));
    await history.add(used('prompt 20', 'people'));
    await history.add(used(' ', ''));
    const recent = await openPromptHistory(home).recent();
    expect(recent.slice(0, 3)).toEqual([used('prompt 20', 'people'), used('prompt 20'), used('prompt 24')]);
    expect(recent).toHaveLength(20);
    expect(recent.filter(({ prompt }) => prompt === 'prompt 20')).toHaveLength(2);
  });

  it('starts again where its file is no list of prompts', async () => {
    for (const text of ['{', '{"prompt":1}', '["a"]']) {
      await writeFile(join(home, 'prompts.json'), text);
      const history = openPromptHistory(home);
      expect(await history.recent()).toEqual([]);
      await history.add(used('a lawn'));
      expect(await history.recent()).toEqual([used('a lawn')]);
    }
  });
});
