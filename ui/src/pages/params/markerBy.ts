/** Colours of runs by what they have in common. */
import { colorFor, eight, twentyFour } from '../../charts';
import { textOf, type Series } from '../../data/result';
import type { Marker } from '../../explorer/lines';
import type { RunTable } from '../runs/runTable';

/** Runs with the same value have the same colour. */
export function markerBy(table: RunTable, of: ((series: Series) => unknown) | null, theme: 'light' | 'dark'): (series: Series) => Marker {
  const texts = of ? [...new Set(table.result.series.map((series) => textOf(of(series))))].sort() : [];
  const palette = texts.length <= eight.light.length ? eight : twentyFour;
  const place = new Map(texts.map((text, at) => [text, at]));
  return (series) => ({ color: colorFor(of ? (place.get(textOf(of(series))) ?? 0) : 0, theme, palette), dash: [] });
}
