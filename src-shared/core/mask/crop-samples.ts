/** A rectangle of whole pixels inside a picture. */
interface Area {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** Fills `crop` [area.height, area.width, channels] with the part of `samples` [height, width, channels] inside `area`. */
export function cropSamples<Samples extends Uint8Array | Float32Array>(
  samples: Uint8Array | Float32Array,
  width: number,
  area: Area,
  crop: Samples,
  channels = 1,
): Samples {
  const row = channels * area.width;
  for (let y = 0; y < area.height; y++) {
    const start = channels * ((area.y + y) * width + area.x);
    crop.set(samples.subarray(start, start + row), y * row);
  }
  return crop;
}
