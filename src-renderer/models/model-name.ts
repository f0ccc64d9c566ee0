/** Whether a model can have that name: it is a folder on every system. */
export function isModelName(name: string): boolean {
  return /^[a-z0-9][a-z0-9._-]{0,63}$/.test(name) && !name.endsWith('.');
}

/** A free name for the model of a folder, made of the folder's own. */
export function modelNameOf(path: string, taken: readonly string[]): string {
  const folder = path.split(/[\\/]/).filter(Boolean).at(-1) ?? '';
  const base =
    folder
      .toLowerCase()
      .replace(/[^a-z0-9._-]+/g, '-')
      .replace(/^[^a-z0-9]+/, '')
      .slice(0, 60)
      .replace(/[^a-z0-9]+$/, '') || 'model';
  for (let number = 1; ; number++) {
    const name = number === 1 ? base : `${base}-${number}`;
    if (!taken.includes(name)) return name;
  }
}
