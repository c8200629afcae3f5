/**
 * Colors for ascending values, mixed in OKLab. Lightness changes monotonically away from the page, so that the order is
 * visible without hue, with any color blindness and in gray. `gradient.test.ts` measures it.
 */
import { itemAt } from '../text/lists';

const STEPS = 64;

export const lightGradient = gradientOf(['#dd8a1c', '#d3524f', '#a92b82', '#661f96', '#20125f']);
export const darkGradient = gradientOf(['#6a52d6', '#b65ad0', '#ee7690', '#f3a355', '#f7ee86']);

/** The color at a part of the way, 0 to 1. */
export function colorAt(gradient: readonly string[], part: number): string {
  return itemAt(gradient, Math.round(Math.max(0, Math.min(1, part)) * (gradient.length - 1)));
}

function gradientOf(stops: readonly string[]): readonly string[] {
  const labs = stops.map(labOf);
  return Array.from({ length: STEPS }, (_, i) => {
    const at = (i / (STEPS - 1)) * (labs.length - 1);
    const k = Math.min(labs.length - 2, Math.floor(at));
    const next = itemAt(labs, k + 1);
    return hexOf(itemAt(labs, k).map((value, c) => value + (itemAt(next, c) - value) * (at - k)));
  });
}

function labOf(hex: string): number[] {
  const [r, g, b] = [1, 3, 5].map((i) => linearLight(parseInt(hex.slice(i, i + 2), 16) / 255)) as [
    number,
    number,
    number,
  ];
  const l = Math.cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b);
  const m = Math.cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b);
  const s = Math.cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b);
  return [
    0.2104542553 * l + 0.793617785 * m - 0.0040720468 * s,
    1.9779984951 * l - 2.428592205 * m + 0.4505937099 * s,
    0.0259040371 * l + 0.7827717662 * m - 0.808675766 * s,
  ];
}

function hexOf([light = 0, a = 0, b = 0]: readonly number[]): string {
  const l = (light + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const m = (light - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const s = (light - 0.0894841775 * a - 1.291485548 * b) ** 3;
  const rgb = [
    4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s,
    -1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s,
    -0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s,
  ];
  const byte = (value: number) => Math.round(Math.max(0, Math.min(1, gamma(value))) * 255);
  return `#${rgb.map((value) => byte(value).toString(16).padStart(2, '0')).join('')}`;
}

function linearLight(value: number): number {
  return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
}

function gamma(value: number): number {
  return value <= 0.0031308 ? value * 12.92 : 1.055 * Math.max(0, value) ** (1 / 2.4) - 0.055;
}
