/** Names told apart: the words with which all of them begin and end, and those they share in between, are left out. */

import { groupedBy } from './lists';

/** Between words. A hyphen separates words, but is part of a number such as 1e-3 or =-5. */
const BETWEEN = /((?:[\s_/,;:|]|(?<=[\p{L}\p{N}])(?<!\d[eE])-)+)/u;

/** Names up to this length have room everywhere. */
const SHORT = 16;

/** In the order of `names`. Names that differ stay different. */
export function toldApart(names: readonly string[]): string[] {
  const distinct = [...new Set(names)];
  const short = shortened(
    shortened(distinct, () => ''),
    (words) => String(words.length),
  );
  const told = new Map(distinct.map((name, at) => [name, short[at] ?? name]));
  return names.map((name) => told.get(name) ?? name);
}

/** Without what those of one `kind` share, unless all of them are short, or two would become one. */
function shortened(names: readonly string[], kind: (words: readonly string[]) => string): readonly string[] {
  const split = names.map((name) => name.split(BETWEEN));
  const kinds = [...groupedBy([...names.keys()], (at) => kind(split[at] ?? [])).values()].filter(
    (places) => places.length > 1 && places.some((at) => (names[at] ?? '').length > SHORT),
  );
  const short = [...names];
  for (const places of kinds) {
    const told = withoutCommon(places.map((at) => split[at] ?? []));
    const begins = places.every((at, i) => names[at]?.startsWith(told[i] ?? ''));
    // Where several kinds lose how they begin, the first word tells them apart.
    const begin = kinds.length > 1 && !begins ? `${split[places[0]]?.[0]}…` : '';
    places.forEach((at, i) => (short[at] = told[i] ? begin + told[i] : (names[at] ?? '')));
  }
  return new Set(short).size === names.length ? short : names;
}

/** `names`: words at even places, and what is between them at odd ones. */
function withoutCommon(names: readonly string[][]): string[] {
  const most = Math.min(...names.map(({ length }) => length)) - 1;
  const start = shared(names, most, (name, at) => name[at]);
  const end = shared(names, most - start, (name, at) => name[name.length - 1 - at]);
  const parts = names.map((name) => name.slice(start, name.length - end));
  const common = commonPlaces(parts);
  return parts.map((part) => part.map((text, at) => (!common[at] ? text : common[at - 1] ? '' : '…')).join(''));
}

/** How many texts at the beginning or end are the same in all names: an even number, so that a word follows. */
function shared(
  names: readonly string[][],
  most: number,
  textAt: (name: string[], at: number) => string | undefined,
): number {
  const [first = []] = names;
  let count = 0;
  while (count < most && names.every((name) => textAt(name, count) === textAt(first, count))) count++;
  return count - (count % 2);
}

/** Whether all names share the word of each place; what is between two such words is common too. */
function commonPlaces(parts: readonly string[][]): boolean[] {
  const [first = []] = parts;
  if (parts.some(({ length }) => length !== first.length)) return [];
  const words = first.map((word, at) => at % 2 === 0 && word.length > 1 && parts.every((part) => part[at] === word));
  return words.map((word, at) => word || (Boolean(words[at - 1]) && Boolean(words[at + 1])));
}

/** Characters for which legend and table have about room. */
const ROOM = 36;
const SAMPLE = 1000;
/** Another cut must tell so much more apart. */
const BETTER = 1.02;
/** What names keep of their ends where no other cut is better. */
export const TAIL = 10;
/** A shorter end says nothing. */
const TAILS = [10, 9, 11, 8, 12, 7, 13, 6, 14, 15, 16, 0];

/** How many of their last characters names keep when their middle is cut: so many that most of them still differ. */
export function tailOf(names: readonly string[]): number {
  const distinct = [...new Set(names.slice(0, SAMPLE))];
  if (!distinct.some(({ length }) => length > ROOM)) return TAIL;
  const cut = (name: string, tail: number): string =>
    name.length <= ROOM ? name : `${name.slice(0, ROOM - 1 - tail)}…${name.slice(name.length - tail)}`;
  const toldBy = (tail: number): number => new Set(distinct.map((name) => cut(name, tail))).size;
  let best = { tail: TAIL, told: toldBy(TAIL) };
  for (const tail of TAILS) {
    if (best.told === distinct.length) break;
    const told = toldBy(tail);
    if (told > best.told * BETTER) best = { tail, told };
  }
  return best.tail;
}

const PAIR = /^([^=\s]+)=(\S+)$/;
/** Without the marks of what names share. */
const pairsOf = (name: string): (RegExpExecArray | null)[] =>
  name
    .split(/[ …]/)
    .filter(Boolean)
    .map((word) => PAIR.exec(word));

/** Whether all names are values of the same params, as in `lr=0.1 seed=0`, so that the values alone tell them apart. */
export function areSettings(names: readonly string[]): boolean {
  const keysOf = (name: string): string[] => pairsOf(name).map((pair) => pair?.[1] ?? '');
  const [first] = names;
  const keys = first === undefined ? [] : keysOf(first);
  const all = keys.join(' ');
  return keys.length > 0 && keys.every((key) => key !== '') && names.every((name) => keysOf(name).join(' ') === all);
}

/** Of such a name; undefined if it is another. */
export function valuesAlone(name: string): string | undefined {
  const values = pairsOf(name).map((pair) => pair?.[2]);
  return values.includes(undefined) ? undefined : values.join(' · ');
}
