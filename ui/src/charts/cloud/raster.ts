/** Draws points as squares of pixels, nearer ones before others. Two million take one pass over typed arrays. */

export interface Raster {
  readonly width: number;
  readonly height: number;
  /** Red, green, blue and opacity of each pixel. */
  readonly pixels: Uint8ClampedArray;
  readonly depths: Float32Array;
}

export const makeRaster = (width: number, height: number): Raster => ({
  width,
  height,
  pixels: new Uint8ClampedArray(4 * width * height),
  depths: new Float32Array(width * height),
});

/** `placed` is what `project` writes; `size` is the side of a square. Points far away are mixed with the `fog`. */
export function drawPoints(
  raster: Raster,
  placed: Float32Array,
  rgb: Uint8Array,
  size: number,
  fog: readonly [number, number, number],
  each = 1,
): void {
  const { width, height, pixels, depths } = raster;
  pixels.fill(0);
  depths.fill(Infinity);
  const before = Math.floor(size / 2);
  for (let i = 0; i < placed.length; i += 3 * each) {
    const depth = placed[i + 2] ?? 0;
    if (!(depth > 0.05)) continue;
    const left = Math.round(placed[i] ?? 0) - before;
    const top = Math.round(placed[i + 1] ?? 0) - before;
    if (left >= width || top >= height || left + size <= 0 || top + size <= 0) continue;
    const mist = Math.max(0, Math.min(0.55, (depth - 0.8) * 0.9));
    const red = (rgb[i] ?? 0) * (1 - mist) + fog[0] * mist;
    const green = (rgb[i + 1] ?? 0) * (1 - mist) + fog[1] * mist;
    const blue = (rgb[i + 2] ?? 0) * (1 - mist) + fog[2] * mist;
    for (let y = Math.max(0, top); y < Math.min(height, top + size); y++)
      for (let x = Math.max(0, left); x < Math.min(width, left + size); x++) {
        const at = y * width + x;
        if (depth >= (depths[at] ?? 0)) continue;
        depths[at] = depth;
        pixels[4 * at] = red;
        pixels[4 * at + 1] = green;
        pixels[4 * at + 2] = blue;
        pixels[4 * at + 3] = 255;
      }
  }
}

/** The point next to a place, in front of others at the same distance; -1 if none is near. */
export function pointAt(placed: Float32Array, x: number, y: number, reach: number): number {
  let [best, found, depth] = [reach * reach, -1, Infinity];
  for (let i = 0; i < placed.length; i += 3) {
    const [dx, dy, away] = [(placed[i] ?? 0) - x, (placed[i + 1] ?? 0) - y, placed[i + 2] ?? 0];
    const distance = dx * dx + dy * dy;
    if (!(away > 0.05) || distance > best || (distance === best && away >= depth)) continue;
    [best, found, depth] = [distance, i / 3, away];
  }
  return found;
}
