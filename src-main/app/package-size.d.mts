/** Bytes of an unpacked program by part, the largest first. */
export function sizeByPart(folder: string): Record<string, number>;
/** A line for each part, and the sum. */
export function sizeTable(sizes: Readonly<Record<string, number>>): string;
