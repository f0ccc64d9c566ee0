/** A row of a published table. */
export interface PaperRow {
  readonly method: string;
  readonly seconds: number;
  readonly psnr?: number;
  readonly ssim?: number;
  readonly vfid?: number;
}

export interface PaperTable {
  readonly title: string;
  /** The row that speed-ups are against. */
  readonly baseline: string;
  readonly rows: readonly PaperRow[];
}

/** Where `paperTables` is from. */
export const paperSource = {
  title:
    'Accelerating Diffusion-based Video Editing via Heterogeneous Caching: Beyond Full Computing at Sampled Denoising Timestep',
  url: 'https://arxiv.org/abs/2603.24260',
};

/**
 * The HetCache paper's figures. PSNR and SSIM are against the ground truth, not against the uncached run; `slow` and
 * `fast` name the two settings of a method that has two in a table.
 */
export const paperTables: readonly PaperTable[] = [
  {
    title: 'VACE-Benchmark, inpainting',
    baseline: 'full, 50 steps',
    rows: [
      { method: 'full, 100 steps', seconds: 445.5, psnr: 16.06, ssim: 0.56, vfid: 57.2 },
      { method: 'full, 50 steps', seconds: 238.8, psnr: 16.46, ssim: 0.56, vfid: 55.0 },
      { method: 'AdaCache', seconds: 242.2 },
      { method: 'FastCache', seconds: 239.1 },
      { method: 'PAB', seconds: 223.2 },
      { method: 'TeaCache, slow', seconds: 224.5 },
      { method: 'TeaCache, fast', seconds: 186.5 },
      { method: 'HetCache, slow', seconds: 176.3 },
      { method: 'HetCache, fast', seconds: 166.8, psnr: 16.58, ssim: 0.56, vfid: 54.5 },
    ],
  },
  {
    title: 'VPBench, editing by text',
    baseline: 'full, 50 steps',
    rows: [
      { method: 'full, 75 steps', seconds: 246.1 },
      { method: 'full, 50 steps', seconds: 174.0 },
      { method: 'TeaCache, slow', seconds: 163.5 },
      { method: 'TeaCache, fast', seconds: 137.7 },
      { method: 'HetCache, slow', seconds: 137.0 },
      { method: 'HetCache, fast', seconds: 128.6 },
    ],
  },
  {
    title: '25 frames of 720p',
    baseline: 'full',
    rows: [
      { method: 'full', seconds: 662 },
      { method: 'TeaCache', seconds: 276 },
      { method: 'HetCache', seconds: 228 },
    ],
  },
  {
    title: '57 frames of 480p',
    baseline: 'full',
    rows: [
      { method: 'full', seconds: 893 },
      { method: 'TeaCache', seconds: 365 },
      { method: 'HetCache', seconds: 291 },
    ],
  },
  {
    title: 'LTX-Video-VACE-2B, 70 steps',
    baseline: 'full',
    rows: [
      { method: 'full', seconds: 140 },
      { method: 'TeaCache', seconds: 133 },
      { method: 'HetCache', seconds: 70 },
    ],
  },
  {
    title: 'Ablation of the token selection',
    baseline: 'neither',
    rows: [
      { method: 'neither', seconds: 142.5 },
      { method: 'one of the two', seconds: 152.1 },
      { method: 'the other', seconds: 177.5 },
      { method: 'clusters and importance', seconds: 166.8 },
    ],
  },
];
