/** Linear and logarithmic maps between data and pixels. */
import type { Range, ScaleKind } from './types';

export interface Scale {
  readonly kind: ScaleKind;
  readonly domain: Range;
  readonly range: Range;
  /** NaN if the scale cannot show the value (log of zero or less). */
  of(value: number): number;
  invert(pixel: number): number;
}

export function makeScale(kind: ScaleKind, domain: Range, range: Range): Scale {
  return kind === 'log' ? logScale(domain, range) : linearScale(domain, range);
}

function linearScale(domain: Range, range: Range): Scale {
  const k = (range[1] - range[0]) / (domain[1] - domain[0]);
  return {
    kind: 'linear',
    domain,
    range,
    of: (value) => (value - domain[0]) * k + range[0],
    invert: (pixel) => (pixel - range[0]) / k + domain[0],
  };
}

function logScale(domain: Range, range: Range): Scale {
  const low = Math.log10(domain[0]);
  const k = (range[1] - range[0]) / (Math.log10(domain[1]) - low);
  return {
    kind: 'log',
    domain,
    range,
    of: (value) => (value > 0 ? (Math.log10(value) - low) * k + range[0] : NaN),
    invert: (pixel) => 10 ** ((pixel - range[0]) / k + low),
  };
}

/** A limit for pixel coordinates; it keeps 32-bit floats and canvas paths exact. */
export const FAR = 1e6;

/** Pixels of `values[from..to)`; NaN for values that the scale cannot show. */
export function project(scale: Scale, values: Float64Array, from: number, to: number): Float32Array<ArrayBuffer> {
  return scale.kind === 'log' ? projectLog(scale, values, from, to) : projectLinear(scale, values, from, to);
}

function projectLinear(
  { domain, range }: Scale,
  values: Float64Array,
  from: number,
  to: number,
): Float32Array<ArrayBuffer> {
  const out = new Float32Array(to - from);
  const [d0, d1] = domain;
  const [r0, r1] = range;
  const k = (r1 - r0) / (d1 - d0);
  for (let i = from; i < to; i++) {
    const value = values[i] ?? NaN;
    const pixel = (value - d0) * k + r0;
    out[i - from] = pixel > -FAR && pixel < FAR ? pixel : Number.isFinite(value) ? FAR * Math.sign(pixel) : NaN;
  }
  return out;
}

function projectLog(
  { domain, range }: Scale,
  values: Float64Array,
  from: number,
  to: number,
): Float32Array<ArrayBuffer> {
  const out = new Float32Array(to - from);
  const low = Math.log(domain[0]);
  const [r0, r1] = range;
  const k = (r1 - r0) / (Math.log(domain[1]) - low);
  for (let i = from; i < to; i++) {
    const value = values[i] ?? NaN;
    out[i - from] =
      value > 0 && value < Infinity ? Math.max(-FAR, Math.min(FAR, (Math.log(value) - low) * k + r0)) : NaN;
  }
  return out;
}

/** The window around `center` that shows `factor` times the extent, in the scale's own space. */
export function zoomAround(scale: Scale, center: number, factor: number): Range {
  const [r0, r1] = scale.range;
  const pixel = scale.of(center);
  const a = scale.invert(pixel + (r0 - pixel) * factor);
  const b = scale.invert(pixel + (r1 - pixel) * factor);
  return a < b ? [a, b] : [b, a];
}

/** Canvas coordinates; NaN for values that the scale cannot show. */
export interface Pixels {
  readonly px: Float32Array;
  readonly py: Float32Array;
}
