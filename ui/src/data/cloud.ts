/** The bytes of points in space, recorded or projected: docs/format/media.md. */

export interface RecordedCloud {
  readonly xyz: Float32Array;
  /** Empty without colors. */
  readonly rgb: Uint8Array;
  /** Empty, or one for each point. */
  readonly labels: readonly string[];
  /** Of a projection: the share of the variance that each axis explains. */
  readonly shares: readonly number[];
}

const MAGIC = 'AIMP';
const HEAD = 16;
const COLORED = 1;

export function cloudOf(buffer: ArrayBuffer): RecordedCloud {
  if (buffer.byteLength < HEAD) throw new Error('The points are cut short.');
  const head = new DataView(buffer);
  const magic = String.fromCharCode(...new Uint8Array(buffer, 0, 4));
  const [count, flags, told] = [4, 8, 12].map((at) => head.getUint32(at, true)) as [number, number, number];
  const [text, colors] = [HEAD + 12 * count, HEAD + 12 * count + told];
  const colored = (flags & COLORED) > 0;
  if (magic !== MAGIC || buffer.byteLength !== colors + (colored ? 3 * count : 0))
    throw new Error('These bytes are not points.');
  const more: unknown = told > 0 ? JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, text, told))) : {};
  const { labels, shares } = (more ?? {}) as { labels?: unknown; shares?: unknown };
  const xyz = new Float32Array(buffer, HEAD, 3 * count);
  if (!xyz.every(Number.isFinite)) throw new Error('Some points are not finite.');
  return {
    xyz,
    rgb: colored ? new Uint8Array(buffer, colors, 3 * count) : new Uint8Array(0),
    labels: isTexts(labels) && labels.length === count ? labels : [],
    shares: Array.isArray(shares) ? shares.filter((share): share is number => typeof share === 'number') : [],
  };
}

const isTexts = (list: unknown): list is string[] =>
  Array.isArray(list) && list.every((text) => typeof text === 'string');
