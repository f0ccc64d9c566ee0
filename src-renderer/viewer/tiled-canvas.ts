import { clearedContext } from '../state/redraw.ts';

/** Screen pixels along a tile's side. Smaller: less is copied for each piece of a stroke; more canvases to compose. */
const tilePx = 384;

/** A part of the place, in CSS pixels from its corner. */
export interface Box {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

/**
 * A drawing over a place that is made of many canvases: a browser copies and composes the whole of a canvas for each
 * change, however small, and a stroke changes a few pixels of a large one.
 */
export interface TiledCanvas {
  /** Draws everything anew; `draw` is called for each tile with a cleared context in the place's CSS pixels. */
  redraw(width: number, height: number, draw: (context: CanvasRenderingContext2D) => void): void;
  /** Draws over what is there, in the tiles that `box` touches. */
  drawOver(box: Box, draw: (context: CanvasRenderingContext2D) => void): void;
}

interface Tile {
  readonly canvas: HTMLCanvasElement;
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** Numbers of the tiles that [from, to] touches of `count`. */
export function touchedTiles(from: number, to: number, count: number): { first: number; last: number } {
  return {
    first: Math.max(0, Math.floor(from / tilePx)),
    last: Math.min(count - 1, Math.floor(to / tilePx)),
  };
}

export function createTiledCanvas(host: HTMLElement): TiledCanvas {
  let size = { width: 0, height: 0, columns: 0, rows: 0 };
  let tiles: Tile[] = [];

  function layOut(width: number, height: number): void {
    if (size.width === width && size.height === height) return;
    const [columns, rows] = [Math.ceil(width / tilePx), Math.ceil(height / tilePx)];
    size = { width, height, columns, rows };
    tiles = Array.from({ length: columns * rows }, (_, index) => {
      const left = (index % columns) * tilePx;
      const top = Math.floor(index / columns) * tilePx;
      const across = Math.min(tilePx, width - left);
      const down = Math.min(tilePx, height - top);
      const canvas = document.createElement('canvas');
      Object.assign(canvas.style, {
        left: `${left}px`,
        top: `${top}px`,
        width: `${across}px`,
        height: `${down}px`,
      });
      return { canvas, left, top, width: across, height: down };
    });
    host.replaceChildren(...tiles.map(({ canvas }) => canvas));
  }

  function drawTile(
    { left, top }: Tile,
    context: CanvasRenderingContext2D,
    draw: (context: CanvasRenderingContext2D) => void,
  ): void {
    context.save();
    context.translate(-left, -top);
    draw(context);
    context.restore();
  }

  return {
    redraw(width, height, draw) {
      layOut(width, height);
      for (const tile of tiles) drawTile(tile, clearedContext(tile.canvas, tile.width, tile.height), draw);
    },
    drawOver({ left, top, right, bottom }, draw) {
      const across = touchedTiles(left, right, size.columns);
      const down = touchedTiles(top, bottom, size.rows);
      for (let row = down.first; row <= down.last; row++)
        for (let column = across.first; column <= across.last; column++) {
          const tile = tiles[row * size.columns + column];
          drawTile(tile, tile.canvas.getContext('2d') as CanvasRenderingContext2D, draw);
        }
    },
  };
}
