/** What differs between two texts, word by word. The only importer of jsdiff. */
import { diffWordsWithSpace } from 'diff';

export interface DiffPart {
  readonly kind: 'same' | 'added' | 'removed';
  readonly text: string;
}

/** Characters of both, and milliseconds. */
const LONGEST = 400_000;
const TIMEOUT = 500;

/** null: they are too long, or differ too much, to be compared by word. */
export function wordDiff(before: string, after: string, timeout = TIMEOUT): readonly DiffPart[] | null {
  if (before.length + after.length > LONGEST) return null;
  const changes = diffWordsWithSpace(before, after, { timeout });
  return (
    changes?.map(({ value, added, removed }) => ({
      kind: added ? 'added' : removed ? 'removed' : 'same',
      text: value,
    })) ?? null
  );
}
