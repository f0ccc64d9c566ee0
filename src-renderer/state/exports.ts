import { create } from 'zustand';
import type { ExportRow } from '../../src-shared/ipc/index.ts';
import type { MaskShape } from '../../src-shared/project/mask/index.ts';
import { text } from '../i18n/index.ts';
import { useEditor } from './editor-store.ts';
import { showInfo } from './notices.ts';

/** A shape, and what it is called. */
interface NamedShape {
  readonly shape: MaskShape;
  readonly name: string;
}

interface ExportsState {
  /** Exports since the program started, the oldest first. */
  readonly rows: readonly ExportRow[];
  readonly isOpen: boolean;
  /** The exports that the dialog shows; none: it asks for a new one. */
  readonly shownIds: readonly string[];
  /** The one shape whose matte is asked for; null: the whole mask. */
  readonly object: NamedShape | null;
}

export const useExports = create<ExportsState>()(() => ({
  rows: [],
  isOpen: false,
  shownIds: [],
  object: null,
}));

export const isUnderWay = ({ state }: ExportRow): boolean => state === 'waiting' || state === 'running';

/** Takes the exports' state; one that ends while nobody looks at it is told of. */
export function updateExports(rows: readonly ExportRow[]): void {
  const { rows: before, isOpen } = useExports.getState();
  useExports.setState({ rows });
  if (isOpen) return;
  for (const row of rows) {
    const was = before.find(({ id }) => id === row.id);
    if (was === undefined || !isUnderWay(was)) continue;
    if (row.state === 'done') showInfo(text('export.doneNotice', { path: row.path }));
    if (row.failure === undefined) continue;
    const { message, hint, code } = row.failure;
    useEditor.setState({ notice: { kind: 'error', text: message, hint, code } });
  }
}

/** Opens the export dialog; on what is being written, if anything is. */
export function openExport(): void {
  const underWay = useExports.getState().rows.filter(isUnderWay);
  useExports.setState({ isOpen: true, shownIds: underWay.map(({ id }) => id), object: null });
}

/** Opens the export dialog for the matte of one shape. */
export function openMatteExport(object: NamedShape): void {
  openExport();
  useExports.setState({ object });
}

export function closeExport(): void {
  useExports.setState({ isOpen: false });
}
