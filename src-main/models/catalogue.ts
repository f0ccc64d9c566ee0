/** A model that can be downloaded by its name. The window's texts of it are in `src-renderer/i18n`. */
export interface CatalogueRow {
  /** Its name here, and its id once it is imported. */
  readonly id: string;
  /** What it is for, for people. */
  readonly purpose: string;
  /** `owner/name` of its repository. */
  readonly repository: string;
  /** SPDX name; the server is asked for it as well. */
  readonly licence: string;
  /** Parameters of transformer, VAE and text encoder: 2 bytes each as published, and as imported in half precision. */
  readonly parameters: readonly [transformer: number, vae: number, textEncoder: number];
}

/**
 * Counted over the tensors that the graphs of these sizes read; for minimax-remover those of Wan2.1-1.3B, which it is built
 * on, are assumed. Sizes and checksums of files come from the server.
 */
export const catalogue: readonly CatalogueRow[] = [
  {
    id: 'wan2.1-vace-1.3b',
    purpose: 'Removes and changes by a prompt, at 480p; for cards from 8 GB.',
    repository: 'Wan-AI/Wan2.1-VACE-1.3B-diffusers',
    licence: 'apache-2.0',
    parameters: [2_153_972_032, 126_892_531, 5_680_910_336],
  },
  {
    id: 'wan2.1-vace-14b',
    purpose: 'The large one: finer detail and longer prompts, at 480p and 720p; for cards from 48 GB.',
    repository: 'Wan-AI/Wan2.1-VACE-14B-diffusers',
    licence: 'apache-2.0',
    parameters: [17_337_592_896, 126_892_531, 5_680_910_336],
  },
  {
    id: 'minimax-remover',
    purpose: 'Removes only, in 12 steps without a prompt, at 480p; for cards from 8 GB. No commercial use.',
    repository: 'zibojia/minimax-remover',
    licence: 'non-commercial',
    parameters: [1_127_055_424, 126_892_531, 0],
  },
];

/** Bytes that a row's files take in 16 bits: about what is downloaded, and what an import in half precision writes. */
export function halfBytes({ parameters }: CatalogueRow): number {
  return 2 * parameters.reduce((sum, count) => sum + count, 0);
}

/** Bytes of the network alone in half precision: the least memory that a card needs for it. */
export function networkBytes({ parameters: [transformer] }: CatalogueRow): number {
  return 2 * transformer;
}
