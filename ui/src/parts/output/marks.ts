/** The occurrences of a word in a line, and the spans of the line split at them. */
import { cutOut, textOfLine, type OutputLine, type StyledText } from './terminal';

export interface Marked extends StyledText {
  readonly hit: boolean;
}

const MOST = 500;

export const folded = (text: string): string => text.toLowerCase();

export const holds = (line: OutputLine, word: string): boolean =>
  word !== '' && folded(textOfLine(line)).includes(word);

/**
 * `word` is already lowercase. If lowercasing changes the length of the line, positions would shift, so nothing is
 * marked.
 */
export function marked(line: OutputLine, word: string): readonly Marked[] {
  const text = textOfLine(line);
  const low = folded(text);
  const plain = line.spans.map((span) => ({ ...span, hit: false }));
  if (word === '' || low.length !== text.length) return plain;
  const out: Marked[] = [];
  let done = 0;
  for (let at = low.indexOf(word); at >= 0 && out.length < MOST; at = low.indexOf(word, done)) {
    out.push(...cutOut(line.spans, done, at).map((span) => ({ ...span, hit: false })));
    done = at + word.length;
    out.push(...cutOut(line.spans, at, done).map((span) => ({ ...span, hit: true })));
  }
  if (done === 0) return plain;
  out.push(...cutOut(line.spans, done, Infinity).map((span) => ({ ...span, hit: false })));
  return out;
}
