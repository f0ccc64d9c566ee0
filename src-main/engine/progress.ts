/** The stages of one job, in the order an editor sees them. */
export type Stage =
  | 'download'
  | 'import'
  | 'probe'
  | 'track'
  | 'select'
  | 'plate'
  | 'text'
  | 'encode'
  | 'sample'
  | 'decode'
  | 'export'
  | 'check';

/** One report of progress. Goes over process borders as JSON, so it holds plain data only. */
export interface ProgressEvent {
  readonly stage: Stage;
  /** Units of this stage that are done, and how many there are (frames, network calls, bytes). */
  readonly step: number;
  readonly steps: number;
  /** What the units are, for people: "frames", "calls", "MB". */
  readonly unit: string;
  /** Which window of the plan, from 1, and how many; absent outside the windows. */
  readonly window?: number;
  readonly windows?: number;
  /** Seconds until the whole job is expected to end; absent while unknown. */
  readonly etaSec?: number;
}

/** A glance at a picture while it is being generated. Goes over process borders. */
export interface PreviewEvent {
  readonly width: number;
  readonly height: number;
  /** [height, width, 3] */
  readonly rgb: Uint8Array;
  /** Frame of the clip that it shows. */
  readonly frame: number;
  /** The part of the clip's picture that it shows, in pixels; may reach beyond the picture. */
  readonly crop: { readonly x: number; readonly y: number; readonly width: number; readonly height: number };
}

export type OnPreview = (event: PreviewEvent) => void;

export type OnProgress = (event: ProgressEvent) => void;
