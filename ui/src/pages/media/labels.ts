/** What is written below a tile: only what its row and column do not say, and what differs. */
import type { MediaItem } from '../../data/cells';
import type { RunNames } from '../../explorer/names';
import { countText, plural, sizeText } from '../../text/format';

type LabelPart = (item: MediaItem) => string;

/** The text of each field, and the ids of fields that say it already. */
function partsOf(names: RunNames): readonly (readonly [said: readonly string[], part: LabelPart])[] {
  return [
    [['run.hash', 'run.name'], ({ run }) => names(run)],
    [['media.name'], ({ name }) => name],
    [['context'], ({ contextText }) => contextText],
    [['media.step'], ({ step }) => `step ${countText(step)}`],
    [['media.index'], ({ index }) => `#${countText(index)}`],
  ];
}

export function labelOf(items: readonly MediaItem[], grouped: readonly string[], names: RunNames): LabelPart {
  const said = new Set(grouped.map((id) => (id.startsWith('context.') ? 'context' : id)));
  const told = partsOf(names).flatMap(([ids, part]) => {
    if (ids.some((id) => said.has(id))) return [];
    const texts = new Set<string>();
    for (const item of items) {
      texts.add(part(item));
      if (texts.size > 1) return [part];
    }
    return [];
  });
  return (item) => [...told.map((part) => part(item)), item.caption ?? ''].filter(Boolean).join(' · ');
}

/** Everything about a value in one line. */
export const wholeLabel = ({ run, name, contextText, step, index, caption }: MediaItem, names: RunNames): string =>
  [names(run), name, contextText, `step ${countText(step)}`, `#${countText(index)}`, caption]
    .filter(Boolean)
    .join(' · ');

/** How many values there are, and their size. Some trackers keep no sizes. */
export function amountOf(items: readonly MediaItem[], noun: string): string {
  const bytes = items.reduce((sum, item) => sum + item.size, 0);
  return plural(items.length, noun) + (items.every(({ size }) => size > 0) ? `, ${sizeText(bytes)}` : '');
}
