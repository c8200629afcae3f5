/** The drawn series: single ones hidden in the table, groups hidden or shown alone in the legend. */
import type { Item } from '../data/result';
import type { Channel, View } from './view/view';
import type { Group, LineGroups } from './grouping';

export type Hiding = Pick<View, 'hidden' | 'solo'>;

const LETTERS: { [C in Channel]: string } = { color: 'c', stroke: 'k', chart: 'h' };

/** Groups and series share one list in the URL; the first letter distinguishes them. */
export const groupToken = (channel: Channel, group: Pick<Group, 'key'>): string => LETTERS[channel] + group.key;
export const itemToken = ({ key }: Item): string => `s${key}`;

const sameChannel = (a: string, b: string): boolean => a[0] === b[0];

/** Whether a group's lines are drawn, considering its own channel only. */
export function groupShown({ hidden, solo }: Hiding, token: string): boolean {
  return solo !== null && sameChannel(solo, token) ? solo === token : !hidden.includes(token);
}

export function drawn(items: readonly Item[], grouping: LineGroups<Item>, hiding: Hiding): Set<string> {
  const off = new Set(hiding.hidden);
  const tokensOf = (channel: Channel, groups: readonly Group<Item>[]): string[] =>
    groups.map((group) => groupToken(channel, group));
  const tokens = {
    color: tokensOf('color', grouping.colors),
    stroke: tokensOf('stroke', grouping.strokes),
    chart: tokensOf('chart', grouping.charts),
  };
  const known = hiding.solo === null || Object.values(tokens).flat().includes(hiding.solo);
  const valid = known ? hiding : { ...hiding, solo: null };
  const on = (channel: Channel): boolean[] => tokens[channel].map((token) => groupShown(valid, token));
  const [colors, strokes, charts] = [on('color'), on('stroke'), on('chart')];
  const shown = new Set<string>();
  const chartOf = new Map(grouping.charts.flatMap((chart, at) => chart.items.map(({ key }) => [key, at])));
  for (const item of items) {
    const drawnBy =
      colors[grouping.colorOf.get(item.key) ?? 0] &&
      strokes[grouping.strokeOf.get(item.key) ?? 0] &&
      charts[chartOf.get(item.key) ?? 0];
    if (drawnBy && !off.has(itemToken(item))) shown.add(item.key);
  }
  return shown;
}

export function toggle({ hidden, solo }: Hiding, token: string): Hiding {
  if (solo !== null && sameChannel(solo, token)) return { hidden, solo: null };
  return { hidden: hidden.includes(token) ? hidden.filter((item) => item !== token) : [...hidden, token], solo };
}

/** Several lines at once: shown if any of them is hidden. */
export function toggleAll({ hidden, solo }: Hiding, tokens: readonly string[]): Hiding {
  const all = new Set(tokens);
  const rest = hidden.filter((item) => !all.has(item));
  return { hidden: rest.length < hidden.length ? rest : [...rest, ...tokens], solo };
}

/**
 * Up to this number, groups are hidden one by one, so that they can be shown one by one again; more are hidden by their
 * charts.
 */
const APART = 100;

export function hideAll({ colors, charts }: Pick<LineGroups<Item>, 'colors' | 'charts'>): Hiding {
  const apart = colors.length <= APART;
  const tokens = apart
    ? colors.map((color) => groupToken('color', color))
    : charts.map((chart) => groupToken('chart', chart));
  return { hidden: tokens, solo: null };
}

export const hidesCharts = ({ hidden }: Hiding): boolean => hidden.some((item) => item[0] === LETTERS.chart);

/** While all charts are hidden, a group is shown alone. */
export const revealed = ({ hidden }: Hiding, token: string): Hiding => ({
  hidden: hidden.filter((item) => item[0] !== LETTERS.chart),
  solo: token,
});

export function toggleSolo({ hidden, solo }: Hiding, token: string): Hiding {
  return { hidden: hidden.filter((item) => item !== token), solo: solo === token ? null : token };
}

/** A hidden group is a different group now, so hidden groups reset; single hidden lines stay hidden. */
export const regrouped = ({ hidden }: Hiding): Pick<View, 'hidden' | 'solo' | 'open'> => ({
  hidden: hidden.filter((token) => token.startsWith('s')),
  solo: null,
  open: [],
});
