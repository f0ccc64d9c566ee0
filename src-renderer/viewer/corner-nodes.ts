import Konva from 'konva';
import {
  handleMoved,
  outlineOf,
  type MaskPoint,
  type MaskPose,
} from '../../src-shared/project/mask/index.ts';

type PolygonPose = Extract<MaskPose, { readonly kind: 'polygon' }>;

/** What the corners' nodes do to the shape. */
export interface CornerDrag {
  readonly begin: () => void;
  readonly change: (pose: MaskPose) => void;
  readonly end: () => void;
  /** Makes a corner round, or straight again. */
  readonly turn: (at: number) => void;
}

/** The corners of a polygon, and the handles of the round ones, to be dragged. `line`: its outline. */
export function addCorners(
  layer: Konva.Layer,
  pose: PolygonPose,
  line: Konva.Shape,
  scale: number,
  drag: CornerDrag,
): void {
  const redraw = (next: MaskPose): void => {
    if (line instanceof Konva.Line && next.kind === 'polygon') line.points(outlineOf(next).flat());
    drag.change(next);
  };
  const common = { stroke: line.stroke(), strokeWidth: 1, strokeScaleEnabled: false } as const;
  for (const [at, [x, y]] of pose.points.entries()) {
    const handles = addHandles(layer, pose, at, scale, common, { ...drag, change: redraw });
    const corner = new Konva.Circle({ x, y, radius: 5 / scale, fill: '#ffffff', draggable: true, ...common });
    corner.on('dragstart', drag.begin);
    corner.on('dragmove', (event) => {
      event.cancelBubble = true;
      const points = pose.points.map((point, other): MaskPoint =>
        other === at ? [corner.x(), corner.y()] : point,
      );
      handles.moveTo([corner.x(), corner.y()]);
      redraw({ ...pose, points });
    });
    corner.on('dragend', drag.end);
    corner.on('dblclick dbltap', (event) => {
      event.cancelBubble = true;
      drag.turn(at);
    });
    layer.add(corner);
  }
}

/** The two handles of a round corner, with the lines to them. */
function addHandles(
  layer: Konva.Layer,
  pose: PolygonPose,
  at: number,
  scale: number,
  common: Readonly<Record<string, unknown>>,
  drag: CornerDrag,
): { readonly moveTo: (point: MaskPoint) => void } {
  const side = 7 / scale;
  const arms = (pose.handles?.[at] ?? []).map(() => ({
    line: new Konva.Line({ points: [], listening: false, ...common }),
    knob: new Konva.Rect({
      width: side,
      height: side,
      offsetX: side / 2,
      offsetY: side / 2,
      fill: '#ffffff',
      draggable: true,
      ...common,
    }),
  }));
  let latest = pose;
  const place = (from: MaskPoint, held: number | null): void => {
    for (const [which, { line, knob }] of arms.entries()) {
      const [dx, dy] = latest.handles?.[at]?.[which === 0 ? 0 : 1] ?? [0, 0];
      const to = [from[0] + dx, from[1] + dy] as const;
      line.points([...from, ...to]);
      if (which !== held) knob.position({ x: to[0], y: to[1] });
    }
  };
  place(pose.points[at], null);
  for (const [which, { line, knob }] of arms.entries()) {
    layer.add(line);
    layer.add(knob);
    knob.on('dragstart', drag.begin);
    knob.on('dragmove', (event: Konva.KonvaEventObject<DragEvent>) => {
      event.cancelBubble = true;
      const next = handleMoved(pose, at, which === 0 ? 0 : 1, [knob.x(), knob.y()], event.evt.altKey);
      if (next.kind === 'polygon') latest = next;
      place(pose.points[at], which);
      drag.change(next);
    });
    knob.on('dragend', drag.end);
  }
  return { moveTo: (point) => place(point, null) };
}
