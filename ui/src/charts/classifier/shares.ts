/** Which share each cell of a confusion matrix has, and the ink that can be read on its color. */
import { colorAt } from '../gradient';
import type { ShareOf } from './types';

/** Of its row, its column, or the largest cell of all. */
export function sharesOf(counts: readonly (readonly number[])[], of: ShareOf): Float64Array[] {
  const sum = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0);
  const rows = counts.map(sum);
  const columns = counts.map((_, j) => sum(counts.map((row) => row[j] ?? 0)));
  const most = counts.reduce((high, row) => row.reduce((a, b) => Math.max(a, b), high), 0);
  return counts.map((row, i) =>
    Float64Array.from(row, (count, j) => {
      const whole = of === 'true' ? rows[i] : of === 'predicted' ? columns[j] : most;
      return whole ? count / whole : 0;
    }),
  );
}

/** The color of a share: small ones come close to the page, so that the large ones stand out. */
export function shadeOf(share: number, gradient: readonly string[], page: string): string {
  if (!(share > 0)) return page;
  const part = 0.1 + 0.9 * Math.min(1, 1.6 * share);
  const [color, under] = [channelsOf(colorAt(gradient, share)), channelsOf(page)];
  return `#${color.map((value, i) => hexOf(value * part + (under[i] ?? 0) * (1 - part))).join('')}`;
}

const channelsOf = (color: string): number[] => [1, 3, 5].map((i) => parseInt(color.slice(i, i + 2), 16) || 0);
const hexOf = (value: number): string => Math.round(value).toString(16).padStart(2, '0');

/** Black or white, whichever has the stronger contrast by WCAG's relative luminance. */
export function inkOn(color: string): string {
  const [r = 0, g = 0, b = 0] = channelsOf(color).map((value) => {
    const part = value / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b > 0.179 ? '#000000' : '#ffffff';
}
