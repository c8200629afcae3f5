/** Simulates color vision for the tests of palettes. */

type Triple = readonly [number, number, number];

/** Machado, Oliveira and Fernandes 2009, severity 1. */
export const SIGHT: Record<string, readonly Triple[]> = {
  normal: [
    [1, 0, 0],
    [0, 1, 0],
    [0, 0, 1],
  ],
  protanopia: [
    [0.152286, 1.052583, -0.204868],
    [0.114503, 0.786281, 0.099216],
    [-0.003882, -0.048116, 1.051998],
  ],
  deuteranopia: [
    [0.367322, 0.860646, -0.227968],
    [0.280085, 0.672501, 0.047413],
    [-0.01182, 0.04294, 0.968881],
  ],
  tritanopia: [
    [1.255528, -0.076749, -0.178779],
    [-0.078411, 0.930809, 0.147602],
    [0.004733, 0.691367, 0.3039],
  ],
};

const linearChannel = (c: number) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
const channel = (hex: string, i: number) => linearChannel(parseInt(hex.slice(i, i + 2), 16) / 255);
const channels = (hex: string): Triple => [channel(hex, 1), channel(hex, 3), channel(hex, 5)];
const product = (a: Triple, b: Triple) => a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
const luminance = (hex: string) => product(channels(hex), [0.2126, 0.7152, 0.0722]);

export function contrast(a: string, b: string): number {
  const [low, high] = [luminance(a), luminance(b)].sort((x, y) => x - y) as [number, number];
  return (high + 0.05) / (low + 0.05);
}

/** Coordinates in OKLab, where distance matches perceived difference. */
export function seen(hex: string, sight: string): Triple {
  const rows = SIGHT[sight];
  if (!rows) throw new RangeError(`No sight is called ${sight}. There are ${Object.keys(SIGHT).join(', ')}.`);
  const rgb = rows.map((row) => Math.max(0, product(row, channels(hex)))) as unknown as Triple;
  const l = Math.cbrt(product([0.4122214708, 0.5363325363, 0.0514459929], rgb));
  const m = Math.cbrt(product([0.2119034982, 0.6806995451, 0.1073969566], rgb));
  const s = Math.cbrt(product([0.0883024619, 0.2817188376, 0.6299787005], rgb));
  const lms: Triple = [l, m, s];
  return [
    product(lms, [0.2104542553, 0.793617785, -0.0040720468]),
    product(lms, [1.9779984951, -2.428592205, 0.4505937099]),
    product(lms, [0.0259040371, 0.7827717662, -0.808675766]),
  ];
}

export function closest(colors: readonly string[], sight: string): number {
  const places = colors.map((color) => seen(color, sight));
  let least = Infinity;
  places.forEach((a, i) => {
    for (const b of places.slice(0, i)) least = Math.min(least, Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]));
  });
  return least;
}
