import type { OpenedClip } from '../../src-shared/ipc/index.ts';
import { clipTimecode, framesPerSecond, type Clip, type Edit } from '../../src-shared/project/index.ts';
import { editName } from '../state/edit-name.ts';
import type { FrameCache } from '../state/frame-cache.ts';
import type { ShownState } from './edit-state.ts';
import { isPosed, paintedSpans, weakConfidence } from '../../src-shared/project/mask/index.ts';
import { keyframesOf } from './keyframe-rows.ts';
import type { Peaks } from './peaks.ts';
import { thumbnailsInSight, urgentFirst, withPlaceholders } from './thumbnails.ts';
import { frameToX, ticks, xToFrame, type TimelineScale } from './timeline-scale.ts';

/** Heights of the rows, in pixels; edits have one row each. */
const rowHeights = { ruler: 24, picture: 48, mask: 24, edit: 26, sound: 40 } as const;

/** The in and out points are below this in the ruler, so that the playhead can be taken where one of them is as well. */
export const pointsTop = 13;
/** Of the playhead's handle, which begins at the top of the ruler. */
export const headBottom = 18;

export interface Row {
  readonly kind: keyof typeof rowHeights;
  readonly top: number;
  readonly height: number;
  /** Of an edit's row. */
  readonly editId?: string;
}

/** The rows of a clip from top to bottom. */
export function rowsOf(clip: Clip, hasAudio: boolean): Row[] {
  const rows: Row[] = [];
  const add = (kind: Row['kind'], editId?: string): void => {
    const last = rows.at(-1);
    const top = last === undefined ? 0 : last.top + last.height;
    rows.push({ kind, top, height: rowHeights[kind], ...(editId !== undefined && { editId }) });
  };
  add('ruler');
  add('picture');
  add('mask');
  for (const { id } of clip.edits) add('edit', id);
  if (hasAudio) add('sound');
  return rows;
}

/** Everything that the timeline shows. */
export interface TimelineView {
  readonly clip: Clip;
  readonly media: OpenedClip | undefined;
  readonly rows: readonly Row[];
  readonly scale: TimelineScale;
  readonly width: number;
  readonly height: number;
  readonly frame: number;
  readonly edit: Edit | undefined;
  /** State of each edit by its id, and what is written on its region. */
  readonly states: Readonly<Record<string, ShownState>>;
  readonly selectedKey: number | null;
  readonly peaks: Peaks | null;
  readonly thumbnails: FrameCache<ImageBitmap>;
}

interface Colours {
  readonly grey: readonly string[];
  readonly accent: string;
  readonly warning: string;
  readonly danger: string;
}

function themeColours(): Colours {
  const style = getComputedStyle(document.documentElement);
  const value = (name: string): string => style.getPropertyValue(name).trim();
  return {
    grey: Array.from({ length: 8 }, (_, index) => value(`--grey-${index}`)),
    accent: value('--accent'),
    warning: value('--warning'),
    danger: value('--danger'),
  };
}

/** Of the band that says how sure tracked frames are, in pixels. */
const sureHeight = 5;
/** Pixels that a timecode takes. */
const labelWidth = 72;
const font = "11px 'Inter', system-ui, sans-serif";

export function drawTimeline(context: CanvasRenderingContext2D, view: TimelineView): void {
  const colours = themeColours();
  context.font = font;
  context.textBaseline = 'middle';
  for (const row of view.rows) {
    context.save();
    context.beginPath();
    context.rect(0, row.top, view.width, row.height);
    context.clip();
    drawRow[row.kind](context, view, row, colours);
    context.restore();
    context.fillStyle = colours.grey[0];
    context.fillRect(0, row.top + row.height - 1, view.width, 1);
  }
  drawRange(context, view, colours);
  drawPlayhead(context, view, colours);
}

type DrawRow = (context: CanvasRenderingContext2D, view: TimelineView, row: Row, colours: Colours) => void;

const drawRow: Readonly<Record<Row['kind'], DrawRow>> = {
  ruler(context, { clip, media, scale, width }, { top, height }, { grey }) {
    context.fillStyle = grey[1];
    context.fillRect(0, top, width, height);
    const perSecond = Math.max(1, Math.round(framesPerSecond(clip.frameRate)));
    for (const { frame, labelled } of ticks(scale, width, perSecond, labelWidth + 24)) {
      if (frame > clip.frames) break;
      const x = Math.round(frameToX(scale, frame));
      context.fillStyle = labelled ? grey[5] : grey[4];
      context.fillRect(x, top + height - (labelled ? 10 : 5), 1, labelled ? 10 : 5);
      // A cut timecode would be misread.
      if (!labelled || x < 0 || x > width - labelWidth) continue;
      context.fillStyle = grey[6];
      context.fillText(clipTimecode(frame, clip.frameRate, media?.timecode), x + 8, top + 9);
    }
  },
  picture(context, { clip, media, scale, width, frame, thumbnails }, { top, height }, { grey }) {
    const end = Math.min(width, frameToX(scale, clip.frames));
    context.fillStyle = grey[2];
    context.fillRect(frameToX(scale, 0), top, end - frameToX(scale, 0), height - 1);
    if (media === undefined) return;
    const shown = thumbnailsInSight({
      mediaId: media.mediaId,
      frames: clip.frames,
      scale,
      width,
      height: rowHeights.picture,
      across: Math.max(16, Math.round((rowHeights.picture * clip.width) / clip.height)),
    });
    thumbnails.want(urgentFirst(shown, frame).map(({ path }) => path));
    context.beginPath();
    context.rect(0, top, end, height);
    context.clip();
    for (const { thumbnail, picture, own } of withPlaceholders(shown, (path) => thumbnails.get(path))) {
      if (picture === undefined) continue;
      context.globalAlpha = own ? 1 : 0.35;
      context.drawImage(picture, thumbnail.x, top, thumbnail.across - 1, height - 1);
    }
    context.globalAlpha = 1;
  },
  mask(context, { clip, edit, scale, width, selectedKey }, { top, height }, colours) {
    const { grey, accent, danger, warning } = colours;
    if (edit === undefined) return;
    context.fillStyle = danger;
    context.globalAlpha = 0.35;
    for (const [start, end] of paintedSpans(edit.mask, clip.frames)) {
      const x = frameToX(scale, start);
      context.fillRect(x, top + 8, Math.max(2, frameToX(scale, end) - x), height - 17);
    }
    context.globalAlpha = 1;
    // How sure each tracked frame is, along the foot: what wants a look stands out at full height.
    for (const shape of edit.mask.shapes) {
      if (isPosed(shape)) continue;
      for (const { frame, confidence } of shape.tracked) {
        const x = frameToX(scale, frame);
        if (x > width || x + scale.pxPerFrame < 0) continue;
        const isWeak = confidence < weakConfidence;
        const high = isWeak ? sureHeight : Math.max(1, Math.round(confidence * sureHeight));
        context.fillStyle = isWeak ? warning : grey[5];
        context.fillRect(x, top + height - 2 - high, Math.max(1, scale.pxPerFrame), high);
      }
    }
    for (const frame of keyframesOf(edit.mask)) {
      const [x, y] = [frameToX(scale, frame + 0.5), top + height / 2 - 0.5];
      context.beginPath();
      context.moveTo(x, y - 6);
      context.lineTo(x + 6, y);
      context.lineTo(x, y + 6);
      context.lineTo(x - 6, y);
      context.closePath();
      context.fillStyle = frame === selectedKey ? accent : grey[7];
      context.fill();
      context.strokeStyle = grey[0];
      context.stroke();
    }
  },
  edit(context, { clip, edit: active, scale, states }, { top, height, editId }, colours) {
    const index = clip.edits.findIndex(({ id }) => id === editId);
    const edit = clip.edits.at(index);
    if (edit === undefined || index < 0) return;
    const name = editName(edit, index);
    const { state, share, text } = states[edit.id];
    const { startFrame, endFrame } = edit.range ?? { startFrame: 0, endFrame: clip.frames };
    const x = frameToX(scale, startFrame);
    const across = Math.max(4, frameToX(scale, endFrame) - x);
    const { grey, accent, danger } = colours;
    context.beginPath();
    context.roundRect(x + 0.5, top + 2.5, across - 1, height - 6, 3);
    context.fillStyle = grey[3];
    context.fill();
    context.save();
    context.clip();
    context.globalAlpha = state === 'done' ? 0.3 : state === 'changed' ? 0.15 : 0.5;
    context.fillStyle = state === 'failed' ? danger : accent;
    if (state === 'failed') context.fillRect(x, top, 3, height);
    else context.fillRect(x, top, across * share, height);
    context.restore();
    context.strokeStyle = edit.id === active?.id ? accent : grey[4];
    context.stroke();
    context.beginPath();
    context.rect(Math.max(0, x), top, across + Math.min(0, x) - 4, height);
    context.clip();
    // The name stays in sight when its region starts further left.
    const left = Math.max(0, x) + 8;
    context.fillStyle = state === 'off' ? grey[5] : grey[7];
    context.fillText(name, left, top + height / 2);
    const after = left + context.measureText(name).width + 8;
    context.fillStyle = state === 'failed' ? danger : grey[6];
    context.fillText(text, after, top + height / 2);
  },
  sound(context, { clip, media, scale, width, peaks }, { top, height }, { grey }) {
    if (media === undefined || peaks === null) return;
    const secondsAt = (frame: number): number => {
      const whole = Math.min(clip.frames - 1, Math.max(0, Math.floor(frame)));
      const next = media.ptsSec[whole + 1] ?? media.durationSec;
      return media.ptsSec[whole] + (frame - whole) * (next - media.ptsSec[whole]);
    };
    const middle = top + height / 2;
    const pxPerStep = (height / 2 - 3) / 128;
    context.fillStyle = grey[5];
    const end = Math.min(width, frameToX(scale, clip.frames));
    for (let x = 0; x < end; x++) {
      const from = Math.floor(secondsAt(xToFrame(scale, x)) * peaks.pointsPerSec);
      const to = Math.max(from + 1, Math.ceil(secondsAt(xToFrame(scale, x + 1)) * peaks.pointsPerSec));
      let [low, high] = [0, 0];
      for (let point = from; point < to && point < peaks.max.length; point++) {
        low = Math.min(low, peaks.min[point]);
        high = Math.max(high, peaks.max[point]);
      }
      context.fillRect(x, middle - high * pxPerStep, 1, Math.max(1, (high - low) * pxPerStep));
    }
  },
};

function drawRange(
  context: CanvasRenderingContext2D,
  { clip, rows, scale, width }: TimelineView,
  { grey, warning }: Colours,
): void {
  const last = rows[rows.length - 1];
  const bottom = last.top + last.height;
  const { startFrame, endFrame } = clip.range ?? { startFrame: 0, endFrame: clip.frames };
  const [inX, outX] = [frameToX(scale, startFrame), frameToX(scale, endFrame)];
  context.fillStyle = grey[0];
  context.globalAlpha = 0.6;
  if (inX > 0) context.fillRect(0, rowHeights.ruler, inX, bottom - rowHeights.ruler);
  if (outX < width) context.fillRect(outX, rowHeights.ruler, width - outX, bottom - rowHeights.ruler);
  context.globalAlpha = 1;
  context.fillStyle = clip.range === undefined ? grey[5] : warning;
  for (const [x, inward] of [[inX, 1] as const, [outX, -1] as const]) {
    context.fillRect(x - (inward === 1 ? 0 : 2), pointsTop, 2, rowHeights.ruler - 1 - pointsTop);
    context.fillRect(inward === 1 ? x : x - 6, pointsTop, 6, 2);
    context.fillRect(inward === 1 ? x : x - 6, rowHeights.ruler - 3, 6, 2);
  }
}

function drawPlayhead(
  context: CanvasRenderingContext2D,
  { frame, scale, rows }: TimelineView,
  { accent }: Colours,
): void {
  const last = rows[rows.length - 1];
  const x = Math.round(frameToX(scale, frame + 0.5));
  context.fillStyle = accent;
  context.fillRect(x - 0.5, 12, 1, last.top + last.height - 12);
  context.beginPath();
  context.moveTo(x - 6, 4);
  context.lineTo(x + 6, 4);
  context.lineTo(x + 6, 11);
  context.lineTo(x, headBottom);
  context.lineTo(x - 6, 11);
  context.closePath();
  context.fill();
}
