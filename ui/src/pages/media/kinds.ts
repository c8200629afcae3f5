/** The kinds of media that the page shows, in the order of their buttons. Another one is a row here and a file in `kinds/`. */
import { itemAt } from '../../text/lists';
import type { MediaKindRow } from './kindRow';
import { DISTRIBUTIONS } from './kinds/distributions';
import { FIGURES } from './kinds/figures';
import { HTMLS } from './kinds/htmls';
import { IMAGES } from './kinds/images';
import { SOUNDS } from './kinds/sounds';
import { TABLES } from './kinds/tables';
import { TEXTS } from './kinds/texts';
import { VIDEOS } from './kinds/videos';

export const KINDS: readonly MediaKindRow[] = [IMAGES, VIDEOS, TEXTS, SOUNDS, DISTRIBUTIONS, FIGURES, TABLES, HTMLS];

export const kindNamed = (name: string | null): MediaKindRow =>
  KINDS.find(({ kind }) => kind === name) ?? itemAt(KINDS, 0);

/** The kind that a query begins with, such as `texts if …`; null where it names none. */
export function kindOfQuery(query: string): MediaKindRow | null {
  const first = /^\s*(\w+)(?![\w.])/.exec(query)?.[1];
  return KINDS.find(({ alias }) => alias === first) ?? null;
}

/** The same query about another kind: `images if images.step > 1` as `texts if texts.step > 1`. */
export function queryFor(query: string, from: MediaKindRow, to: MediaKindRow): string {
  const parts = query.split(/("(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*')/);
  const word = new RegExp(`(?<![\\w.])${from.alias}(?!\\w)`, 'g');
  return parts.map((part, i) => (i % 2 === 0 ? part.replace(word, to.alias) : part)).join('');
}
