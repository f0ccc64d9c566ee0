import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { valueOrClear } from './judge.ts';

/** Something that is read from what others made. */
export interface Subject {
  readonly name: string;
  /** How many of all cases go to it, beside the others. */
  readonly weight: number;
  /** `place`: an empty folder of its own. Opens whatever is needed once for all cases. */
  property(place: string): Promise<Tried>;
}

export interface Tried {
  readonly property: fc.IAsyncProperty<[unknown]>;
  readonly close?: () => Promise<void>;
}

/** A subject: values of `arbitrary` must be read, or refused with a clear error. */
export function subject<Value>(
  name: string,
  weight: number,
  open: (place: string) => Promise<{
    readonly arbitrary: fc.Arbitrary<Value>;
    readonly read: (value: Value) => unknown;
    readonly close?: () => Promise<void>;
  }>,
): Subject {
  return {
    name,
    weight,
    async property(place) {
      const { arbitrary, read, close } = await open(place);
      const property = fc.asyncProperty(arbitrary, async (value) => {
        await valueOrClear(() => read(value));
      });
      return { property, ...(close === undefined ? {} : { close }) };
    },
  };
}

/** Writes files below a folder, by their names in it. */
export async function writeAll(
  folder: string,
  files: Readonly<Record<string, string | Uint8Array>>,
): Promise<void> {
  for (const [name, content] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), content);
  }
}

/** Throws where something does not hold of a value that was read. */
export function require(holds: boolean, what: string): void {
  if (!holds) throw new Error(what);
}
