/** Patches are squares of this many pixels a side. */
export const patchSide = 7;
export const patchRadius = (patchSide - 1) / 2;
