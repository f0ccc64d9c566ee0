export { axisTiles, mostTiles, tileLength, tileWeights, type AxisTile } from './axis-tiles.ts';
