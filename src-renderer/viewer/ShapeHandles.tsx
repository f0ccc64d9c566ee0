import Konva from 'konva';
import { useEffect, useRef } from 'react';
import type { Clip } from '../../src-shared/project/index.ts';
import { boundingBox, decodeMask } from '../../src-shared/core/mask/index.ts';
import {
  isPosed,
  isThere,
  maskTextAt,
  movedPose,
  outlineOf,
  poseAt,
  type MaskPoint,
  type MaskPose,
  type MaskShape,
  type TrackShape,
} from '../../src-shared/project/mask/index.ts';
import { activeEdit, useEditor } from '../state/editor-store.ts';
import { useView } from '../state/view-store.ts';
import { mostCorners } from './CornerHandles.tsx';
import { addCorners } from './corner-nodes.ts';
import { storePose, turnCorner } from './edit-shape.ts';
import type { ClipPlace } from './use-placement.ts';

const outline = { strokeScaleEnabled: false, strokeWidth: 1.5, hitStrokeWidth: 8 };

type OutlineNode = Konva.Rect | Konva.Ellipse | Konva.Line;

/** The node that shows a pose's outline, in the clip's pixels. */
function nodeOfPose(pose: MaskPose): OutlineNode {
  switch (pose.kind) {
    case 'box': {
      const [x, y] = pose.from;
      return new Konva.Rect({ x, y, width: pose.to[0] - x, height: pose.to[1] - y, ...outline });
    }
    case 'ellipse': {
      const [x, y] = pose.centre;
      const [radiusX, radiusY] = pose.radii;
      return new Konva.Ellipse({ x, y, radiusX, radiusY, rotation: pose.angleDeg, ...outline });
    }
    case 'polygon':
      return new Konva.Line({ points: outlineOf(pose).flat(), closed: true, ...outline });
    case 'stroke': {
      const points = pose.points.length === 1 ? [...pose.points[0], ...pose.points[0]] : pose.points.flat();
      const width = pose.radius * 2;
      return new Konva.Line({
        points,
        strokeWidth: width,
        hitStrokeWidth: width,
        lineCap: 'round',
        lineJoin: 'round',
      });
    }
  }
}

/** The rectangle around a tracked object, to choose it by: where it is, only its masks say. */
function boxOfTracked(
  shape: TrackShape,
  frame: number,
  { width, height }: Pick<Clip, 'width' | 'height'>,
): Konva.Rect | null {
  const mask = decodeMask(maskTextAt(shape, frame) ?? '', width * height);
  const box = boundingBox(mask, width);
  return box === null ? null : new Konva.Rect({ ...box, ...outline });
}

/** The pose that a box or ellipse has after its node was resized or turned. */
function poseOfNode(node: OutlineNode, pose: MaskPose): MaskPose {
  const [scaleX, scaleY] = [Math.abs(node.scaleX()), Math.abs(node.scaleY())];
  if (pose.kind === 'box' && node instanceof Konva.Rect) {
    const [width, height] = [node.width() * node.scaleX(), node.height() * node.scaleY()];
    const [x, y] = [node.x(), node.y()];
    const from: MaskPoint = [Math.min(x, x + width), Math.min(y, y + height)];
    return { ...pose, from, to: [from[0] + Math.abs(width), from[1] + Math.abs(height)] };
  }
  if (pose.kind === 'ellipse' && node instanceof Konva.Ellipse) {
    const radii: [number, number] = [
      Math.max(0.5, node.radiusX() * scaleX),
      Math.max(0.5, node.radiusY() * scaleY),
    ];
    return { ...pose, centre: [node.x(), node.y()], radii, angleDeg: node.rotation() };
  }
  return pose;
}

let gestures = 0;

/** Outlines of the shapes at the playhead with handles on the chosen one, while the move tool is used. */
export function ShapeHandles({ clip, where }: { readonly clip: Clip; readonly where: ClipPlace }) {
  const host = useRef<HTMLDivElement>(null);
  const stageOf = useRef<Konva.Stage | null>(null);
  const busy = useRef(false);
  const tool = useEditor((state) => state.tool);
  const shapes = useEditor((state) => activeEdit(state)?.mask.shapes);
  const frame = useEditor((state) => state.frame);
  const selected = useView((state) => state.shape);
  // Handles belong to the picture before.
  const hidden = useEditor(({ compare }) => compare === 'after' || compare === 'difference');
  const { width, height } = where.place;
  const { left, top, scale } = where.placement;

  useEffect(() => {
    if (host.current === null) return;
    const stage = new Konva.Stage({ container: host.current, width: 1, height: 1 });
    stage.add(new Konva.Layer());
    stage.on('click tap', ({ target }) => {
      if (target === (stage as Konva.Node)) useView.setState({ shape: null });
    });
    stageOf.current = stage;
    return () => void stage.destroy();
  }, []);

  useEffect(() => {
    const stage = stageOf.current;
    // What is being dragged must not be made anew under the pointer.
    if (stage === null || busy.current) return;
    stage.size({ width, height });
    stage.position({ x: left, y: top });
    stage.scale({ x: scale, y: scale });
    const [layer] = stage.getLayers();
    layer.destroyChildren();
    if (tool === 'move' && !hidden)
      for (const [index, shape] of (shapes ?? []).entries()) addShape(layer, shape, index);
    layer.draw();

    function addShape(into: Konva.Layer, shape: MaskShape, index: number): void {
      if (!isThere(shape, frame)) return;
      const chosen = index === selected;
      const accent = getComputedStyle(document.documentElement).getPropertyValue('--accent').trim();
      if (!isPosed(shape)) {
        const box = boxOfTracked(shape, frame, clip);
        if (box === null) return;
        box.stroke(chosen ? accent : 'rgb(255 255 255 / 70%)');
        box.fill('rgb(0 0 0 / 0.01%)');
        if (chosen) box.dash([6, 4]);
        box.on('mousedown touchstart', () => {
          if (!useView.getState().panning) useView.setState({ shape: index });
        });
        into.add(box);
        return;
      }
      const pose = poseAt(shape, frame);
      const node = nodeOfPose(pose);
      node.stroke(
        pose.kind === 'stroke' ? (chosen ? accent : '#ffffff') : chosen ? accent : 'rgb(255 255 255 / 70%)',
      );
      if (pose.kind === 'stroke') node.opacity(chosen ? 0.5 : 0);
      else node.fill('rgb(0 0 0 / 0.01%)');
      if (chosen && pose.kind !== 'stroke') node.dash([6, 4]);
      node.draggable(true);
      into.add(node);
      let latest = pose;
      const gesture = `drag-${++gestures}`;
      const begin = (): void => {
        busy.current = true;
      };
      const end = (): void => {
        busy.current = false;
        useView.setState({ shape: index });
        // Drawn anew even where nothing that this component watches has changed.
        storePose(index, latest, gesture, 'step.moveShape');
      };
      const change = (next: MaskPose): void => {
        latest = next;
        storePose(index, next, gesture, 'step.moveShape');
      };
      // The kinds of nodes have listeners of their own types; what they share is the shape's.
      const events: Konva.Shape = node;
      events.on('mousedown touchstart', () => {
        if (!useView.getState().panning) useView.setState({ shape: index });
      });
      const origin = node.position();
      events.on('dragstart', begin);
      events.on('dragmove', () => change(movedPose(pose, [node.x() - origin.x, node.y() - origin.y])));
      events.on('dragend', end);
      events.on('mouseenter', () => (stage as Konva.Stage).container().style.setProperty('cursor', 'move'));
      events.on('mouseleave', () => (stage as Konva.Stage).container().style.removeProperty('cursor'));
      if (!chosen) return;
      if (pose.kind === 'polygon' && pose.points.length <= mostCorners)
        addCorners(into, pose, node, scale, {
          begin,
          change,
          end,
          turn: (at) => turnCorner(index, at),
        });
      if (pose.kind !== 'box' && pose.kind !== 'ellipse') return;
      const transformer = new Konva.Transformer({
        nodes: [node],
        rotateEnabled: pose.kind === 'ellipse',
        keepRatio: false,
        ignoreStroke: true,
        anchorSize: 9,
        anchorCornerRadius: 2,
        anchorStroke: accent,
        anchorFill: '#ffffff',
        borderStroke: accent,
        borderEnabled: pose.kind === 'ellipse',
        rotateAnchorOffset: 24,
      });
      events.on('transformstart', begin);
      events.on('transform', () => change(poseOfNode(node, pose)));
      events.on('transformend', end);
      into.add(transformer);
    }
  }, [tool, hidden, shapes, frame, selected, width, height, left, top, scale, clip]);

  return (
    // Not there, its canvas need not be composed with the pictures of every stroke.
    <div ref={host} className="viewer-handles" hidden={tool !== 'move'} />
  );
}
