/** Which value each one is compared with: that of its series at the step before, or that of the first run. */
import type { MediaItem } from '../../../data/cells';

const placeIn = ({ run, name, contextText, index }: MediaItem): string =>
  `${run.id}\n${name}\n${contextText}\n${index}`;
const placeAmong = ({ name, contextText, step, index }: MediaItem): string =>
  `${name}\n${contextText}\n${step}\n${index}`;

type Bases = ReadonlyMap<string, MediaItem>;

/** Items of a series come in the order of their steps. */
function before(items: readonly MediaItem[]): Bases {
  const last = new Map<string, MediaItem>();
  const bases = new Map<string, MediaItem>();
  for (const item of items) {
    const earlier = last.get(placeIn(item));
    if (earlier) bases.set(item.key, earlier);
    last.set(placeIn(item), item);
  }
  return bases;
}

/** The first run is the oldest one. */
function ofFirstRun(items: readonly MediaItem[]): Bases {
  const first = new Map<string, MediaItem>();
  for (const item of items) {
    const known = first.get(placeAmong(item));
    if (!known || item.run.created_at < known.run.created_at) first.set(placeAmong(item), item);
  }
  return new Map(
    items.flatMap((item) => {
      const base = first.get(placeAmong(item));
      return base && base.run !== item.run ? [[item.key, base] as const] : [];
    }),
  );
}

const made = new WeakMap<readonly MediaItem[], Map<string, Bases>>();

export function baseOf(items: readonly MediaItem[], item: MediaItem, among: 'steps' | 'runs'): MediaItem | null {
  const known = made.get(items) ?? new Map<string, Bases>();
  made.set(items, known);
  const bases = known.get(among) ?? (among === 'steps' ? before(items) : ofFirstRun(items));
  known.set(among, bases);
  return bases.get(item.key) ?? null;
}
