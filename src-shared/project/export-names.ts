/** "street.mov" as the name of what is exported: "street-clean.mp4", "street-matte" for a folder. */
export function suggestedName(clipName: string, kind: string, ending: string): string {
  const stem = `${clipName.replace(/\.[^.]+$/, '')}-${kind}`.replace(/[/\\:*?"<>|]+/g, '-');
  return `${stem.slice(0, 200)}${ending}`;
}

/** The names with a number after those that are there already, as on disks that do not tell letters' cases apart. */
export function uniqueNames(names: readonly string[]): readonly string[] {
  const taken = new Set<string>();
  return names.map((name) => {
    let unique = name;
    for (let number = 2; taken.has(unique.toLowerCase()); number++) unique = `${name}-${number}`;
    taken.add(unique.toLowerCase());
    return unique;
  });
}
