/** What a note of an empty answer suggests, as the query that would have it. */
import { WORD } from '../aimql';
import { quoted } from './words';

const SUGGESTS = /^(.+); did you mean (.+)\?$/su;

export interface Suggestion {
  /** The part of the note before the suggested text. */
  readonly fact: string;
  readonly guess: string;
  readonly query: string;
}

/** Null if the note suggests nothing, or says nothing about a text of the query. */
export function suggestionOf(note: string, query: string): Suggestion | null {
  const [, fact, guess] = SUGGESTS.exec(note) ?? [];
  if (fact === undefined || guess === undefined) return null;
  const at = wrongWordIn(fact, guess, query);
  return (
    at && { fact, guess, query: `${query.slice(0, at.start)}${corrected(guess, query, at)}${query.slice(at.end)}` }
  );
}

interface WrongWord {
  readonly start: number;
  readonly end: number;
}

/** The longest end of the fact that the query has, with its quotes; with the path of the guess, if the query has that. */
function wrongWordIn(fact: string, guess: string, query: string): WrongWord | null {
  const words = fact.split(' ');
  const path = guess.slice(0, guess.lastIndexOf('.') + 1);
  for (let from = 1; from < words.length; from++) {
    const wrong = words.slice(from).join(' ');
    for (let at = query.indexOf(wrong); at >= 0; at = query.indexOf(wrong, at + 1)) {
      const start = query.slice(0, at).endsWith(path) ? at - path.length : at;
      const end = at + wrong.length;
      if (bounded(query, start, end)) return { start, end };
    }
  }
  return null;
}

const LETTER = /[\p{L}\p{N}_.:]/u;

const bounded = (query: string, start: number, end: number): boolean =>
  !(LETTER.test(query[start] ?? '') && LETTER.test(query[start - 1] ?? '')) &&
  !(LETTER.test(query[end - 1] ?? '') && LETTER.test(query[end] ?? ''));

const PATH = new RegExp(`^(?:${WORD})(?:\\.(?:${WORD})|\\[".*"\\])*$`, 'u');

/** Names of metrics are suggested without quotes; paths and quoted texts as a query writes them. */
function corrected(guess: string, query: string, { start, end }: WrongWord): string {
  const inside = /["']/.test(query[start - 1] ?? '') && query[start - 1] === query[end];
  if (inside) return /^".*"$/su.test(guess) ? guess.slice(1, -1) : guess;
  return PATH.test(guess) || /^".*"$/su.test(guess) ? guess : quoted(guess);
}
