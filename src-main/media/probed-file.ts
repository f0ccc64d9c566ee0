import { z } from 'zod';

/** As many pixels along a side as any codec has. */
const side = z.int().min(0).max(65_536).optional();
const tagsSchema = z.record(z.string(), z.string());

const streamSchema = z.object({
  index: z.int().nonnegative(),
  codec_type: z.string().optional(),
  codec_name: z.string().optional(),
  width: side,
  height: side,
  pix_fmt: z.string().optional(),
  sample_aspect_ratio: z.string().optional(),
  field_order: z.string().optional(),
  color_space: z.string().optional(),
  color_primaries: z.string().optional(),
  color_transfer: z.string().optional(),
  color_range: z.string().optional(),
  chroma_location: z.string().optional(),
  time_base: z.string().optional(),
  r_frame_rate: z.string().optional(),
  avg_frame_rate: z.string().optional(),
  nb_frames: z.string().optional(),
  start_pts: z.number().optional(),
  duration_ts: z.number().optional(),
  channels: z.int().nonnegative().optional(),
  sample_rate: z.string().optional(),
  start_time: z.string().optional(),
  tags: tagsSchema.optional(),
  disposition: z.object({ attached_pic: z.number().optional() }).optional(),
  side_data_list: z
    .array(z.object({ side_data_type: z.string().optional(), displaymatrix: z.string().optional() }))
    .optional(),
});

/** One track of a file as ffprobe describes it. */
export type ProbedStream = z.infer<typeof streamSchema>;

/** What ffprobe prints of a file, as far as it is used. */
export const documentSchema = z.object({
  streams: z.array(streamSchema).default([]),
  /** Of the first packets, as far as they were decoded; of sound and text as well. */
  frames: z
    .array(z.object({ stream_index: z.number().optional(), interlaced_frame: z.number().optional() }))
    .default([]),
  format: z.object({
    format_name: z.string(),
    start_time: z.string().optional(),
    tags: tagsSchema.optional(),
  }),
});
export type ProbedFile = z.infer<typeof documentSchema>;
