import { readdir, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { HetcutError, usageError } from '../../src-shared/core/errors/index.ts';
import {
  modelFamilies,
  type ModelFamily,
  type SingleFileLayout,
  type TensorShapes,
} from '../../src-shared/core/families/index.ts';
import { openTensors } from './safetensors.ts';
import { settingsSchemaOf } from './settings.ts';
import { shapesOf } from './single-file.ts';
import type { SourceFolder, SourcePart } from './source-folder.ts';

/** A model as single files, without configuration. */
export interface SourceFiles {
  readonly transformer: string;
  readonly vae: string;
  readonly textEncoder?: string;
  /** tokenizer.json; without it prompts have no effect. */
  readonly tokenizer?: string;
}

type Part = 'transformer' | 'vae' | 'textEncoder';
type Layouts = NonNullable<ModelFamily['singleFiles']>;

/** What files that nobody here can use seem to be. */
const guesses: readonly (readonly [pattern: RegExp, guess: string])[] = [
  [/\.lora_(?:A|B|up|down)/, 'a LoRA: give it with --lora'],
  [/^double_blocks\./, 'FLUX or HunyuanVideo'],
  [/^(?:patchify_proj|transformer_blocks\.\d+\.scale_shift_table)/, 'LTX-Video without VACE'],
  [/^(?:input_blocks|down_blocks\.\d+\.attentions)/, 'Stable Diffusion'],
  [/^joint_blocks\./, 'Stable Diffusion 3'],
  [/^blocks\.0\.self_attn\.q\./, 'a Wan transformer without VACE (text or image to video)'],
  [/^encoder\.block\.0\.layer\.0\.SelfAttention/, 'a T5 text encoder of another kind'],
  [/^text_model\./, 'a CLIP text encoder'],
  [/^vision_model\./, 'a CLIP image encoder'],
];

async function readShapes(path: string): Promise<TensorShapes> {
  const store = await openTensors(path);
  await store.close();
  return shapesOf(store);
}

function layoutsIn(layouts: Layouts): [Part, SingleFileLayout][] {
  const { transformer, vae, textEncoder } = layouts;
  return [
    ['transformer', transformer],
    ['vae', vae],
    ...(textEncoder === undefined ? [] : [['textEncoder', textEncoder] as [Part, SingleFileLayout]]),
  ];
}

/** What a file is by its tensors; undefined where no family knows it. */
function identify(
  shapes: TensorShapes,
): { family: ModelFamily; part: Part; layout: SingleFileLayout } | undefined {
  for (const family of modelFamilies) {
    for (const [part, layout] of family.singleFiles === undefined ? [] : layoutsIn(family.singleFiles)) {
      if (layout.recognises(shapes)) return { family, part, layout };
    }
  }
  return undefined;
}

function unknownFile(path: string, wanted: string, shapes: TensorShapes, found?: string): HetcutError {
  const names = [...shapes.keys()];
  const guess = found ?? guesses.find(([pattern]) => names.some((name) => pattern.test(name)))?.[1];
  const what =
    guess === undefined ? `its tensors are ${names.slice(0, 3).join(', ')}, …` : `it seems to be ${guess}`;
  return new HetcutError('single-file-unknown', `${path}: not ${wanted}: ${what}.`, {
    hint: 'Give the files of Wan2.1-VACE: wan2.1_vace_….safetensors, wan_2.1_vae.safetensors, umt5_xxl_….safetensors; or of another family that HetCut knows.',
  });
}

/** Reads one part of a model from its single file. Errors as of `readSourceFiles`. */
export async function readFilePart(path: string, layout: SingleFileLayout): Promise<SourcePart> {
  const shapes = await readShapes(path);
  if (!layout.recognises(shapes))
    throw unknownFile(path, layout.label, shapes, identify(shapes)?.layout.label);
  return { folder: path, configPath: path, config: layout.config(shapes, path), file: { path, layout } };
}

/**
 * Reads a model of single files, as ComfyUI has them: sizes come from the shapes of their tensors.
 * Throws HetcutError: those of safetensors files, single-file-unknown, single-file-incomplete, single-file-sizes.
 */
export async function readSourceFiles(files: SourceFiles): Promise<SourceFolder> {
  const shapes = await readShapes(files.transformer);
  const family = modelFamilies.find(({ singleFiles }) => singleFiles?.transformer.recognises(shapes));
  const layouts = family?.singleFiles;
  if (family === undefined || layouts === undefined) {
    const wanted = modelFamilies
      .flatMap(({ singleFiles }) => singleFiles?.transformer.label ?? [])
      .join(' or ');
    throw unknownFile(files.transformer, wanted, shapes, identify(shapes)?.layout.label);
  }
  const { textEncoder } = layouts;
  return {
    path: files.transformer,
    family,
    settings: settingsSchemaOf(family).parse({}),
    transformer: await readFilePart(files.transformer, layouts.transformer),
    vae: await readFilePart(files.vae, layouts.vae),
    ...(files.textEncoder === undefined || textEncoder === undefined
      ? {}
      : { textEncoder: await readFilePart(files.textEncoder, textEncoder) }),
    scheduler: { folder: files.transformer, configPath: 'scheduler', config: layouts.scheduler },
    ...(files.tokenizer === undefined ? {} : { tokenizerPath: files.tokenizer }),
  };
}

/** ComfyUI's folders of models, new names and old. */
const comfyFolders = ['diffusion_models', 'unet', 'checkpoints', 'vae', 'text_encoders', 'clip'];

const isFolder = (path: string): Promise<boolean> =>
  stat(path).then(
    (entry) => entry.isDirectory(),
    () => false,
  );

/** The models folder of ComfyUI in `path`, or in its `models`; undefined: it has none. */
async function comfyRoot(path: string): Promise<string | undefined> {
  for (const root of [path, join(path, 'models')]) {
    if ((await isFolder(join(root, 'vae'))) && !(await isFolder(join(root, 'transformer')))) {
      for (const name of ['diffusion_models', 'unet']) if (await isFolder(join(root, name))) return root;
    }
  }
  return undefined;
}

async function weightsBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  const found = await Promise.all(
    entries.map(async (entry) => {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) return weightsBelow(path);
      return /\.(?:safetensors|gguf)$/.test(entry.name) ? [path] : [];
    }),
  );
  return found.flat().sort();
}

/** What of a ComfyUI models folder can be used, as paths. */
export interface ComfyFiles {
  readonly root: string;
  readonly transformers: readonly string[];
  readonly vaes: readonly string[];
  readonly textEncoders: readonly string[];
  readonly loras: readonly string[];
}

/** Looks into a ComfyUI models folder, or a folder with one; undefined where `path` is neither. */
export async function listComfyFiles(path: string): Promise<ComfyFiles | undefined> {
  const root = await comfyRoot(path);
  if (root === undefined) return undefined;
  const found: Record<Part, string[]> = { transformer: [], vae: [], textEncoder: [] };
  const folders = await Promise.all(comfyFolders.map((name) => weightsBelow(join(root, name))));
  for (const file of folders.flat()) {
    // A damaged file, or one of another kind, is not among those that can be used.
    const shapes = await readShapes(file).catch(() => undefined);
    const part = shapes === undefined ? undefined : identify(shapes)?.part;
    if (part !== undefined) found[part].push(file);
  }
  const { transformer, vae, textEncoder } = found;
  const loras = await weightsBelow(join(root, 'loras'));
  return { root, transformers: transformer, vaes: vae, textEncoders: textEncoder, loras };
}

/** The tokenizer.json beside a text encoder, where someone has put it there: ComfyUI's files have none. */
export async function tokenizerBeside(textEncoder: string): Promise<string | undefined> {
  const path = join(dirname(textEncoder), 'tokenizer.json');
  return stat(path).then(
    (entry) => (entry.isFile() ? path : undefined),
    () => undefined,
  );
}

/**
 * The files of a ComfyUI models folder, where there is one choice of each; undefined where `path` is no such folder.
 * Throws `models-ambiguous` listing what can be used, or `models-absent`.
 */
export async function findComfyFiles(path: string): Promise<SourceFiles | undefined> {
  const found = await listComfyFiles(path);
  if (found === undefined) return undefined;
  const { root, transformers, vaes, textEncoders } = found;
  const listed = Object.entries({ transformers, vaes, textEncoders })
    .map(([part, files]) => `${part}: ${files.map((file) => basename(file)).join(', ') || 'none'}`)
    .join('; ');
  const [transformer, ...others] = transformers;
  const [vae, ...otherVaes] = vaes;
  const [textEncoder, ...otherEncoders] = textEncoders;
  if (transformer === undefined || vae === undefined) {
    throw new HetcutError('models-absent', `${root}: no whole model that HetCut knows. Found: ${listed}.`, {
      hint: 'It takes a Wan2.1-VACE transformer in diffusion_models and wan_2.1_vae.safetensors in vae.',
    });
  }
  if (others.length + otherVaes.length + otherEncoders.length > 0) {
    throw usageError(
      'models-ambiguous',
      `${root}: several files can be used. ${listed}.`,
      'Name them: hetcut model import --transformer FILE --vae FILE --text-encoder FILE --id ID.',
    );
  }
  if (textEncoder === undefined) return { transformer, vae };
  const tokenizer = await tokenizerBeside(textEncoder);
  return { transformer, vae, textEncoder, ...(tokenizer === undefined ? {} : { tokenizer }) };
}
