/** The steps of media: all series share one while they are played. */
import { itemAt } from '../../text/lists';
import type { MediaItem } from '../../data/cells';

const seriesOf = ({ run, name, contextText }: MediaItem): string => `${run.id}\n${name}\n${contextText}`;

/** The last value of each series. */
export function lastOfSeries(items: readonly MediaItem[]): MediaItem[] {
  const last = new Map<string, MediaItem>();
  for (const item of items)
    if (item.step >= (last.get(seriesOf(item))?.step ?? -Infinity)) last.set(seriesOf(item), item);
  return [...last.values()];
}

/** What each series shows at a step: its values at its own last step until then. */
export function itemsAt(items: readonly MediaItem[], step: number): MediaItem[] {
  const last = new Map<string, number>();
  for (const item of items) {
    const key = seriesOf(item);
    if (item.step <= step && item.step >= (last.get(key) ?? -Infinity)) last.set(key, item.step);
  }
  return items.filter((item) => last.get(seriesOf(item)) === item.step);
}

/** Height over width of most images, within bounds. */
export function shapeOf(items: readonly MediaItem[]): number {
  const shapes = items.slice(0, 200).flatMap(({ width, height }) => (width && height ? [height / width] : []));
  shapes.sort((a, b) => a - b);
  const middle = shapes.length > 0 ? itemAt(shapes, shapes.length >> 1) : 1;
  return Math.min(1.6, Math.max(0.4, middle));
}
