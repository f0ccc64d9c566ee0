import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { writeHomeFile } from '../jobs/whole-file.ts';

/** Projects that are remembered. */
const kept = 30;

const entrySchema = z.object({ path: z.string(), id: z.string(), name: z.string() });
export type RecentEntry = z.infer<typeof entrySchema>;

const fileSchema = z.object({
  version: z.literal(1),
  /** The project that a page has open; still there at the next start, it was not closed. */
  open: z.string().nullable(),
  projects: z.array(entrySchema),
});
type RecentFile = z.infer<typeof fileSchema>;

const nothing: RecentFile = { version: 1, open: null, projects: [] };

/**
 * Which projects were opened or saved last, wherever they lie: `recent.json` of a home. It only lists; a file that is
 * lost or damaged is started afresh.
 */
export class RecentProjects {
  readonly #home: string;
  #writing: Promise<unknown> = Promise.resolve();

  constructor(home: string) {
    this.#home = home;
  }

  get #path(): string {
    return join(this.#home, 'recent.json');
  }

  async read(): Promise<RecentFile> {
    try {
      return fileSchema.parse(JSON.parse(await readFile(this.#path, 'utf8')));
    } catch {
      return nothing;
    }
  }

  /** The project was opened or saved: first of the list, and open. */
  async remember(entry: RecentEntry): Promise<void> {
    await this.#change(({ projects }) => ({
      version: 1,
      open: entry.path,
      projects: [entry, ...projects.filter(({ path }) => path !== entry.path)].slice(0, kept),
    }));
  }

  async forget(path: string): Promise<void> {
    await this.#change((file) => ({
      version: 1,
      open: file.open === path ? null : file.open,
      projects: file.projects.filter((entry) => entry.path !== path),
    }));
  }

  /** No project is open any more. */
  async close(): Promise<void> {
    await this.#change((file) => ({ ...file, open: null }));
  }

  /** Errors: disk-full, home-unwritable. */
  async #change(change: (file: RecentFile) => RecentFile): Promise<void> {
    const changed = this.#writing.then(async () => {
      const before = await this.read();
      const text = `${JSON.stringify(change(before), null, 1)}\n`;
      if (text === `${JSON.stringify(before, null, 1)}\n`) return;
      await mkdir(this.#home, { recursive: true });
      await writeHomeFile(this.#path, text);
    });
    this.#writing = changed.catch(() => undefined);
    await changed;
  }
}
