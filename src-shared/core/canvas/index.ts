export { CanvasLayers, type CanvasFrame } from './canvas-layers.ts';
export { fillCanvas, type FilledCanvas } from './fill-canvas.ts';
export { layCanvas } from './lay-canvas.ts';
export {
  mostCanvasPixels,
  motionToCanvas,
  planPieces,
  type CanvasPiece,
  type CanvasView,
} from './plan-pieces.ts';
