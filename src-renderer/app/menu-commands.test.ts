import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { createClient, type MenuCommand, type Reply } from '../../src-shared/ipc/index.ts';
import { newEdit, newProject, withClip } from '../../src-shared/project/index.ts';
import { startLanguage } from '../i18n/index.ts';
import { useBackend } from '../state/backend.ts';
import { activeEdit, changeEdit, openProject, useEditor } from '../state/editor-store.ts';
import { closeExport, useExports } from '../state/exports.ts';
import { useLayout } from './layout-store.ts';
import { listenToMenu } from './menu-commands.ts';

/** A field that has the focus, and what it was told. */
class Field {
  readonly tagName = 'TEXTAREA';
  readonly isContentEditable = false;
}

let calls: [string, unknown][];
let choose: (command: MenuCommand, path?: string) => Promise<void>;
let focus: Field | null;
let executed: string[];

beforeEach(async () => {
  await startLanguage('en');
  calls = [];
  executed = [];
  focus = null;
  vi.stubGlobal('HTMLElement', Field);
  vi.stubGlobal('document', {
    get activeElement() {
      return focus;
    },
    execCommand: (name: string) => executed.push(name),
  });
  useLayout.setState({ dialog: null });
  closeExport();
  let tell: (name: string, value: unknown) => void = () => undefined;
  const client = createClient({
    call: async (name, input): Promise<Reply<unknown>> => {
      calls.push([name, input]);
      if (name === 'files.choose') return { ok: true, value: null };
      return { ok: false, code: 'told', message: 'As the test wants it.', hint: '' };
    },
    onEvent: (listener) => void (tell = listener),
  });
  useBackend.setState({
    client,
    info: { version: '1', platform: 'test', models: [], recentProjects: [], nativeDialogs: true },
  });
  listenToMenu(client, Promise.resolve());
  choose = async (command, path) => {
    tell('menu.chosen', { command, ...(path !== undefined && { path }) });
    await new Promise((settle) => setImmediate(settle));
  };
});
afterEach(() => vi.unstubAllGlobals());

/** A project with a clip, an edit and one step that can be undone. */
function edit(): void {
  const made = {
    id: 'clip',
    path: '/clips/a.mov',
    name: 'a.mov',
    width: 64,
    height: 36,
    frames: 5,
    frameRate: '25/1',
    durationSec: 0.2,
    edits: [newEdit('edit', 'Remove')],
  };
  openProject(withClip(newProject('project', 'A'), made));
  changeEdit('Invert', (draft) => void (draft.mask.invert = true));
}

it('asks for a clip and a project, and opens a project that the menu names', async () => {
  await choose('clip.open');
  await choose('project.open');
  await choose('project.open', '/cut.hetcut');
  expect(calls.map(([name, input]) => [name, { ...(input as object) }])).toEqual([
    ['files.choose', { kind: 'clip' }],
    ['files.choose', { kind: 'project' }],
    ['project.open', { path: '/cut.hetcut' }],
  ]);
  expect(useEditor.getState().notice).toMatchObject({ kind: 'error', code: 'told' });
});

it('opens a clip that the system names', async () => {
  await choose('clip.open', '/clips/a.mov');
  expect(calls.map(([name, input]) => [name, { ...(input as object) }])).toEqual([
    ['clip.open', { path: '/clips/a.mov' }],
  ]);
});

it('undoes and does again; in a field the field does', async () => {
  edit();
  await choose('edit.undo');
  expect(activeEdit(useEditor.getState())?.mask.invert).toBe(false);
  await choose('edit.redo');
  expect(activeEdit(useEditor.getState())?.mask.invert).toBe(true);
  focus = new Field();
  await choose('edit.undo');
  await choose('edit.redo');
  expect(activeEdit(useEditor.getState())?.mask.invert).toBe(true);
  expect(executed).toEqual(['undo', 'redo']);
});

it('opens the export of a project, and of nothing else', async () => {
  await choose('result.export');
  expect(useExports.getState().isOpen).toBe(false);
  edit();
  await choose('result.export');
  expect(useExports.getState().isOpen).toBe(true);
  expect(calls).toEqual([]);
});

it('saves, and shows dialogs; earlier versions only of a project', async () => {
  await choose('project.restore');
  expect(useLayout.getState().dialog).toBeNull();
  for (const dialog of ['doctor', 'models', 'shortcuts'] as const) {
    await choose(`app.${dialog}`);
    expect(useLayout.getState().dialog).toBe(dialog);
  }
  edit();
  await choose('project.restore');
  expect(useLayout.getState().dialog).toBe('versions');
  await choose('project.save');
  expect(calls.map(([name]) => name)).toEqual(['project.save']);
});
