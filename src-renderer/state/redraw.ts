/** Draws at most once a frame of the screen, and only when asked; the first time at once. */
export function redrawLater(draw: () => void): { readonly schedule: () => void; readonly stop: () => void } {
  let request = 0;
  const schedule = (): void => {
    if (request !== 0) return;
    request = requestAnimationFrame(() => {
      request = 0;
      draw();
    });
  };
  schedule();
  return { schedule, stop: () => cancelAnimationFrame(request) };
}

/** Gives a canvas the screen's pixels for its place; a context in CSS pixels, cleared. */
export function clearedContext(
  canvas: HTMLCanvasElement,
  width: number,
  height: number,
): CanvasRenderingContext2D {
  const ratio = window.devicePixelRatio;
  const across = Math.round(width * ratio);
  const down = Math.round(height * ratio);
  if (canvas.width !== across || canvas.height !== down) {
    canvas.width = across;
    canvas.height = down;
  }
  const context = canvas.getContext('2d') as CanvasRenderingContext2D;
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.globalCompositeOperation = 'source-over';
  context.globalAlpha = 1;
  context.clearRect(0, 0, width, height);
  return context;
}
