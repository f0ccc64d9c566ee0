export { cellAt, emptyCells, ownedPixels, packCells, unpackCells, type LayerCells } from './layer-cells.ts';
export { labelCells, type ComparedPicture, type LabelledCells } from './label-cells.ts';
export { countOcclusions, nearestFirst } from './depth-order.ts';
export { settleCells, trimNearer } from './settle-cells.ts';
export { splitTracks, type SplitTracks, type Tracks } from './split-tracks.ts';
export { farApart, type FrameLayer, type FrameLayers } from './frame-layers.ts';
