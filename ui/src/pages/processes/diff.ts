/** The removed and added items between two lists of arguments, in order. */
import { itemAt } from '../../text/lists';

export interface ArgumentChange {
  readonly text: string;
  readonly kind: 'same' | 'out' | 'in';
}

/** Beyond this number of pairs, items are compared by position. */
const MOST_PAIRS = 1_000_000;

export function changes(was: readonly string[], now: readonly string[]): readonly ArgumentChange[] {
  const from = was.findIndex((text, at) => text !== now[at]);
  if (from < 0 && was.length === now.length) return now.map((text) => ({ text, kind: 'same' }));
  if (was.length * now.length > MOST_PAIRS)
    return now.map((text, at) => ({ text, kind: text === was[at] ? 'same' : 'in' }));
  const longest = lengths(was, now);
  const out: ArgumentChange[] = [];
  let [i, j] = [0, 0];
  while (i < was.length || j < now.length) {
    if (i < was.length && j < now.length && was[i] === now[j]) {
      out.push({ text: itemAt(now, j), kind: 'same' });
      [i, j] = [i + 1, j + 1];
    } else if (j >= now.length || (i < was.length && longest(i + 1, j) >= longest(i, j + 1))) {
      out.push({ text: itemAt(was, i), kind: 'out' });
      i += 1;
    } else {
      out.push({ text: itemAt(now, j), kind: 'in' });
      j += 1;
    }
  }
  return out;
}

/** The length of the longest common subsequence after each pair of positions. */
function lengths(was: readonly string[], now: readonly string[]): (i: number, j: number) => number {
  const width = now.length + 1;
  const table = new Int32Array((was.length + 1) * width);
  const length = (i: number, j: number): number => table[i * width + j] ?? 0;
  for (let i = was.length - 1; i >= 0; i--)
    for (let j = now.length - 1; j >= 0; j--)
      table[i * width + j] =
        was[i] === now[j] ? length(i + 1, j + 1) + 1 : Math.max(length(i + 1, j), length(i, j + 1));
  return length;
}
