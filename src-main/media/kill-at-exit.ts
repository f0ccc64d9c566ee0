const running = new Set<() => void>();

function killAll(): void {
  for (const kill of running) kill();
}

/**
 * Has `kill` called when this program ends by itself, so that no child outlives it. Returns what takes it back.
 * One listener serves all children, however many run at once.
 */
export function killAtExit(kill: () => void): () => void {
  if (running.size === 0) process.on('exit', killAll);
  running.add(kill);
  return () => {
    running.delete(kill);
    if (running.size === 0) process.off('exit', killAll);
  };
}
