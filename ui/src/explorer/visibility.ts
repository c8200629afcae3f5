/** Which series are drawn: single ones hidden in the table, groups hidden or shown alone in the legend. */
import type { Series } from '../data/result';
import type { View } from '../state/view';
import type { Group, Grouping } from './grouping';

export type Channel = 'color' | 'stroke';
export type Hiding = Pick<View, 'hidden' | 'solo'>;

/** Groups and series share one list in the URL; the first letter keeps them apart. */
export const groupToken = (channel: Channel, group: Group): string => (channel === 'color' ? 'c' : 'k') + group.key;
export const seriesToken = (series: Series): string => `s${series.key}`;

export function drawn(series: readonly Series[], grouping: Grouping, { hidden, solo }: Hiding): Set<string> {
  const off = new Set(hidden);
  const tokens = (channel: Channel, groups: readonly Group[]): string[] =>
    groups.map((group) => groupToken(channel, group));
  const colors = tokens('color', grouping.colors);
  const strokes = tokens('stroke', grouping.strokes);
  const alone = solo !== null && (colors.includes(solo) || strokes.includes(solo)) ? solo : null;
  const shown = new Set<string>();
  for (const one of series) {
    const color = colors[grouping.colorOf.get(one.key) ?? 0];
    const stroke = strokes[grouping.strokeOf.get(one.key) ?? 0];
    if (off.has(seriesToken(one))) continue;
    if (alone !== null ? color === alone || stroke === alone : !off.has(color) && !off.has(stroke)) shown.add(one.key);
  }
  return shown;
}

export function toggle({ hidden, solo }: Hiding, token: string): Hiding {
  if (solo !== null && !token.startsWith('s')) return { hidden, solo: null };
  return { hidden: hidden.includes(token) ? hidden.filter((item) => item !== token) : [...hidden, token], solo };
}

export function toggleSolo({ hidden, solo }: Hiding, token: string): Hiding {
  return { hidden: hidden.filter((item) => item !== token), solo: solo === token ? null : token };
}
