import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { writeHomeFile } from './atomic-write.ts';

const prompts = z.array(z.strictObject({ prompt: z.string(), negativePrompt: z.string() }));
export type UsedPrompt = z.infer<typeof prompts>[number];

const mostPrompts = 20;

/** The prompts that jobs were last started with, newest first: `prompts.json` of a home. */
export interface PromptHistory {
  recent(): Promise<readonly UsedPrompt[]>;
  /** Puts a prompt first; one that is known moves there. Nothing where it is empty. Throws disk-full, home-unwritable. */
  add(used: UsedPrompt): Promise<void>;
}

export function openPromptHistory(home: string): PromptHistory {
  const path = join(home, 'prompts.json');
  let last: Promise<unknown> = Promise.resolve();

  async function recent(): Promise<readonly UsedPrompt[]> {
    const text = await readFile(path, 'utf8').catch(() => '[]');
    try {
      return prompts.parse(JSON.parse(text));
    } catch {
      // Whoever has edited it loses a list of words, no more.
      return [];
    }
  }

  async function put(used: UsedPrompt): Promise<void> {
    const others = (await recent()).filter(
      ({ prompt, negativePrompt }) => prompt !== used.prompt || negativePrompt !== used.negativePrompt,
    );
    await mkdir(home, { recursive: true });
    await writeHomeFile(path, JSON.stringify([used, ...others].slice(0, mostPrompts)));
  }

  return {
    recent,
    add({ prompt, negativePrompt }) {
      const used = { prompt: prompt.trim(), negativePrompt: negativePrompt.trim() };
      if (used.prompt === '' && used.negativePrompt === '') return Promise.resolve();
      // One after the other: each reads what the one before wrote.
      const adding = last.then(() => put(used));
      last = adding.catch(() => undefined);
      return adding;
    },
  };
}
