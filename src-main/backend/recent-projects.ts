import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { writeHomeFile } from '../jobs/atomic-write.ts';

/** Projects that are remembered. */
const kept = 30;

const entrySchema = z.object({ path: z.string(), id: z.string(), name: z.string() });
export type RecentEntry = z.infer<typeof entrySchema>;

const fileSchema = z.object({
  version: z.literal(1),
  /** Projects that pages have open; those of no page were not closed. One path or null, as it was written at first. */
  open: z.union([
    z.array(z.string()),
    z
      .string()
      .nullable()
      .transform((path) => (path === null ? [] : [path])),
  ]),
  projects: z.array(entrySchema),
});
type RecentFile = z.infer<typeof fileSchema>;

const nothing: RecentFile = { version: 1, open: [], projects: [] };

/**
 * Which projects were opened or saved last, wherever they are: `recent.json` of a home. It only lists; a file that is
 * lost or damaged is started afresh.
 */
export class RecentProjects {
  readonly #home: string;
  /** What each page has open, by the page. */
  readonly #pages = new Map<string, string>();
  /** Pages that are gone; their last save may come after that. */
  readonly #left = new Set<string>();
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

  /** Projects that pages other than this one have open. */
  openBeside(page: string): ReadonlySet<string> {
    return new Set([...this.#pages].flatMap(([other, path]) => (other === page ? [] : [path])));
  }

  /** A page opened or saved the project: first of the list, and open. */
  async remember(entry: RecentEntry, page: string): Promise<void> {
    const before = this.#pages.get(page);
    if (!this.#left.has(page)) this.#pages.set(page, entry.path);
    await this.#change(({ open, projects }) => ({
      version: 1,
      open: [...this.#without(open, before).filter((path) => path !== entry.path), entry.path],
      projects: [entry, ...projects.filter(({ path }) => path !== entry.path)].slice(0, kept),
    }));
  }

  async forget(path: string): Promise<void> {
    await this.#change((file) => ({
      version: 1,
      open: file.open.filter((one) => one !== path),
      projects: file.projects.filter((entry) => entry.path !== path),
    }));
  }

  /** The page has closed its project; one that has none does not want what was not closed before. */
  async close(page: string): Promise<void> {
    const before = this.#pages.get(page);
    this.#pages.delete(page);
    const opened = new Set(this.#pages.values());
    await this.#change((file) => ({
      ...file,
      open:
        before === undefined
          ? file.open.filter((path) => opened.has(path))
          : this.#without(file.open, before),
    }));
  }

  /** The page is gone: what it did not close stays in the file. */
  leave(page: string): void {
    this.#left.add(page);
    this.#pages.delete(page);
  }

  /** The program ends: no project is open any more. */
  async closeAll(): Promise<void> {
    this.#pages.clear();
    await this.#change((file) => ({ ...file, open: [] }));
  }

  /** Without a path that a page no longer has, unless another has it. */
  #without(open: readonly string[], path: string | undefined): string[] {
    const isOpen = new Set(this.#pages.values());
    return open.filter((one) => one !== path || isOpen.has(one));
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
