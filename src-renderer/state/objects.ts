import { create } from 'zustand';
import type { EditMask } from '../../src-shared/project/index.ts';
import {
  nextColour,
  objectOfMasks,
  withHoldOut,
  withOff,
  type MaskShape,
} from '../../src-shared/project/mask/index.ts';
import { text, type TextKey } from '../i18n/index.ts';
import { backend } from './backend.ts';
import { chooseFile } from './choose-file.ts';
import { activeClip, activeEdit, changeEdit, useEditor } from './editor-store.ts';
import { showInfo } from './notices.ts';
import { useView } from './view-store.ts';

export const useMatteImport = create<{ readonly running: boolean }>()(() => ({ running: false }));

/** What a shape is called: its name, else its kind and which of its kind it is. */
export function objectName({ shapes }: Pick<EditMask, 'shapes'>, index: number): string {
  const shape = shapes[index];
  if (shape.name !== undefined && shape.name !== '') return shape.name;
  const kindOf = ({ kind, effect, holdOut }: MaskShape) =>
    kind === 'stroke' && effect === 'keep' && holdOut !== true ? 'eraser' : kind;
  const number = shapes.slice(0, index + 1).filter((one) => kindOf(one) === kindOf(shape)).length;
  return text(`object.${kindOf(shape)}`, { number });
}

/** Changes one shape of the active edit's mask, as one step. */
function changeObject(
  index: number,
  label: TextKey,
  change: (shape: MaskShape) => MaskShape,
  key?: string,
): void {
  const shape = activeEdit(useEditor.getState())?.mask.shapes.at(index);
  if (shape === undefined) return;
  const changed = change(shape);
  if (changed === shape) return;
  changeEdit(text(label), (edit) => void ((edit.mask.shapes as MaskShape[])[index] = changed), key);
}

export function renameObject(index: number, name: string): void {
  const trimmed = name.trim().slice(0, 200);
  changeObject(index, 'step.object.rename', (shape) => {
    if (trimmed === (shape.name ?? '')) return shape;
    const { name: _, ...rest } = shape;
    return trimmed === '' ? rest : { ...rest, name: trimmed };
  });
}

/** All colours of one drag over the picker are one step. */
export function colourObject(index: number, colour: string): void {
  changeObject(index, 'step.object.colour', (shape) => ({ ...shape, colour }), `colour-${index}`);
}

export function switchObject(index: number): void {
  changeObject(index, 'step.object.off', (shape) => withOff(shape, shape.off !== true));
}

export function holdOutObject(index: number): void {
  changeObject(index, 'step.object.holdOut', (shape) => withHoldOut(shape, shape.holdOut !== true));
}

export function deleteObject(index: number): void {
  changeEdit(text('step.deleteShape'), (edit) => void edit.mask.shapes.splice(index, 1));
  const { shape } = useView.getState();
  if (shape === null || shape < index) return;
  useView.setState({ shape: shape === index ? null : shape - 1 });
}

/** Puts an object on top of the active edit's mask, as one step, and chooses it. */
export function addObject(label: TextKey, object: MaskShape): void {
  changeEdit(text(label), (edit) => void (edit.mask.shapes as MaskShape[]).push(object));
  useView.setState({ shape: (activeEdit(useEditor.getState())?.mask.shapes.length ?? 1) - 1 });
}

/** Asks for a matte and takes it in as an object. */
export async function importMatte(kind: 'matte' | 'matteFolder'): Promise<void> {
  const path = await chooseFile(kind);
  const state = useEditor.getState();
  const [clip, edit] = [activeClip(state), activeEdit(state)];
  if (path === null || clip === undefined || edit === undefined) return;
  useMatteImport.setState({ running: true });
  try {
    const { masks } = await backend().call('matte.read', { clipPath: clip.path, path });
    if (activeEdit(useEditor.getState())?.id !== edit.id) return;
    const name =
      path
        .split(/[\\/]/)
        .at(-1)
        ?.replace(/\.[^.]*$/, '') ?? text('object.matte');
    const object = objectOfMasks(masks, name, nextColour(edit.mask.shapes));
    if (object === null) return showInfo(text('object.empty'));
    addObject('step.object.import', object);
  } finally {
    useMatteImport.setState({ running: false });
  }
}
