/** The style and the chart of every series: the grouping of the view, applied to a result. */
import { useMemo } from 'react';
import { colorFor, dashFor, type LegendBlock } from '../charts';
import type { Item, Result, Series } from '../data/result';
import type { Theme } from '../parts/design/theme';
import { useSteady } from '../parts/useSteady';
import type { Channel, View } from './view/view';
import { bundlesOf, type Bundle } from './bundles';
import { chosenFields, tellingContexts, varyingParams } from './channels';
import { ANY_CONTEXT } from './fields';
import { toldFields, groupName } from './groupNames';
import { group, type Group, type GroupFields, type LineGroups, type MetricOrder } from './grouping';
import type { Marker } from './lines';
import { runNames, type RunNames } from './names';
import { DASHES, isByRun, paletteOf, placesOf, placesOfRuns } from './style';
import { drawn } from './visibility';

export interface Style<T extends Item = Series> {
  /** The fields that each channel groups by. */
  readonly fields: GroupFields;
  /** The fields that `ANY_CONTEXT` stands for, where a channel has it. */
  readonly telling: readonly string[];
  readonly names: RunNames;
  readonly grouping: LineGroups<T>;
  readonly bundles: readonly Bundle<T>[];
  /** Keys of the items that are drawn. */
  readonly shown: ReadonlySet<string>;
  readonly marker: (item: Item) => Marker;
  /** The style of a group; a chart has none. */
  readonly markerOf: (channel: Channel, at: number) => Marker | null;
  /** For an exported image. */
  readonly legend: () => LegendBlock[];
}

/** The dash of a legend has no color of its own. */
const GRAY = '#888888';

export function useStyle<T extends Item>(
  result: Pick<Result<T>, 'runs' | 'paths' | 'items'>,
  view: View,
  theme: Theme,
  order?: MetricOrder,
): Style<T> {
  const { runs, paths, items } = result;
  const { color, stroke, chart, allBut, off, keep, seed, hidden, solo } = view;
  const wanted = allBut.length > 0;
  const varying = useMemo(() => (wanted ? varyingParams({ runs, paths }) : []), [wanted, runs, paths]);
  const told = [...color, ...stroke, ...chart].includes(ANY_CONTEXT);
  const telling = useSteady(useMemo(() => (told ? tellingContexts(items) : []), [told, items]));
  const fields = useMemo(() => {
    const of = (channel: Channel): readonly string[] =>
      chosenFields({ color, stroke, chart, allBut, off }, channel, varying, telling);
    return { color: of('color'), stroke: of('stroke'), chart: of('chart') };
  }, [color, stroke, chart, allBut, off, varying, telling]);
  const names = useMemo(() => runNames({ runs, paths }), [runs, paths]);
  const grouping = useMemo(() => group(items, fields, order, names), [items, fields, order, names]);
  const bundles = useMemo(() => bundlesOf(grouping), [grouping]);
  const shown = useMemo(() => drawn(items, grouping, { hidden, solo }), [items, grouping, hidden, solo]);

  const keepsColor = keep.includes('color');
  const palette = paletteOf(view.palette, grouping.colors.length, keepsColor);
  const byRun = isByRun(fields.color);
  const colorAt = useMemo(() => {
    const { length } = palette.light;
    const { colors } = grouping;
    return keepsColor && byRun ? placesOfRuns(colors, length, seed) : placesOf(colors, length, keepsColor, seed);
  }, [grouping, palette, keepsColor, byRun, seed]);
  const strokeAt = useMemo(
    () => placesOf(grouping.strokes, DASHES, keep.includes('stroke'), seed),
    [grouping, keep, seed],
  );
  // Each pair of color and stroke is one object, so that rows with an unchanged style are not redrawn.
  const marker = useMemo(() => {
    const made = new Map<number, Marker>();
    return (item: Item): Marker => {
      const [color, stroke] = [grouping.colorOf.get(item.key) ?? 0, grouping.strokeOf.get(item.key) ?? 0];
      const pair = color * grouping.strokes.length + stroke;
      const known = made.get(pair);
      if (known) return known;
      const style = { color: colorFor(colorAt[color] ?? 0, theme, palette), dash: dashFor(strokeAt[stroke] ?? 0) };
      made.set(pair, style);
      return style;
    };
  }, [grouping, colorAt, strokeAt, theme, palette]);
  const markerOf = (channel: Channel, at: number): Marker | null => {
    if (channel === 'chart') return null;
    if (channel === 'stroke') return { color: 'currentColor', dash: dashFor(strokeAt[at] ?? 0) };
    return { color: colorFor(colorAt[at] ?? 0, theme, palette), dash: [] };
  };
  const groupsOf = (channel: 'color' | 'stroke'): readonly Group<T>[] =>
    channel === 'color' ? grouping.colors : grouping.strokes;
  const legend = (): LegendBlock[] =>
    (['color', 'stroke'] as const)
      .filter((channel) => fields[channel].length > 0)
      .map((channel) => ({
        title: `${channel === 'color' ? 'Color' : 'Stroke'}: ${toldFields(groupsOf(channel)).join(', ')}`,
        items: groupsOf(channel).map((item, at) => {
          const style = markerOf(channel, at);
          return { label: groupName(item), color: channel === 'stroke' ? GRAY : style?.color, dash: style?.dash };
        }),
      }));
  return { fields, telling, names, grouping, bundles, shown, marker, markerOf, legend };
}
