/** Splits AimQL into colored pieces for the eye. Only the server knows the grammar; this never refuses a text. */
import { CONSTANTS, FUNCTIONS, KEYWORDS, WORD } from '../aimql';

export type TokenKind = 'space' | 'string' | 'number' | 'keyword' | 'function' | 'path' | 'metric' | 'operator';
export interface Token {
  kind: TokenKind;
  text: string;
  start: number;
}

const NAME = `${WORD}(?::${WORD})?(?:\\.${WORD})*`;
const PIECES = new RegExp(
  [
    String.raw`(\s+)`,
    String.raw`("(?:[^"\\]|\\.)*"?|'(?:[^'\\]|\\.)*'?)`,
    String.raw`((?:\d[\d_]*\.?[\d_]*|\.\d[\d_]*)(?:[eE][+-]?\d+)?(?![\p{L}_]))`,
    `(${NAME})`,
    '(.)',
  ].join('|'),
  'gsu',
);

/** Words that are not names. */
export const isReserved = (word: string): boolean => KEYWORDS.has(word) || CONSTANTS.has(word);

const calls = (word: string, after: string): boolean =>
  /^\s*\(/.test(after) && FUNCTIONS.has(word.slice(word.lastIndexOf('.') + 1));

function kindOf(match: RegExpMatchArray, beforeIf: boolean, after: string): TokenKind {
  const [, space, string, number, word] = match;
  if (space) return 'space';
  if (string) return beforeIf ? 'metric' : 'string';
  if (number) return 'number';
  if (!word) return 'operator';
  if (isReserved(word)) return 'keyword';
  if (calls(word, after)) return 'function';
  return beforeIf ? 'metric' : 'path';
}

export function tokens(text: string): Token[] {
  const list: Token[] = [];
  let beforeIf = true;
  for (const match of text.matchAll(PIECES)) {
    const start = match.index;
    const kind = kindOf(match, beforeIf, text.slice(start + match[0].length));
    if (kind === 'keyword' && match[0] === 'if') beforeIf = false;
    list.push({ kind, text: match[0], start });
  }
  return list;
}

export interface MarkedToken {
  kind: TokenKind;
  text: string;
  wrong: boolean;
}

/** The tokens, cut once more where the marked error begins and ends. */
export function pieces(text: string, error: { start: number; end: number } | null): MarkedToken[] {
  const [start, end] = error ? [error.start, Math.max(error.end, error.start + 1)] : [Infinity, Infinity];
  const out: MarkedToken[] = [];
  for (const token of tokens(text)) {
    let from = 0;
    const inside = [start, end].map((cut) => cut - token.start).filter((cut) => cut > 0 && cut < token.text.length);
    for (const to of [...inside, token.text.length]) {
      const at = token.start + from;
      out.push({
        kind: token.kind,
        text: token.text.slice(from, to),
        wrong: at >= start && at < end,
      });
      from = to;
    }
  }
  return out;
}

/** The place of a metric in the list that a query selects; names it does not spell out come last. */
export function metricOrder(query: string): (name: string) => number {
  const names = tokens(query)
    .filter(({ kind }) => kind === 'metric')
    .map(({ text }) => text.replace(/^(["'])(.*)\1$/su, '$2'));
  return (name) => (names.includes(name) ? names.indexOf(name) : names.length);
}
