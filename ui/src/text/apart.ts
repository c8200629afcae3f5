/** Names told apart: the words with which all of them begin and end, and those they share in between, are left out. */

/** Between words. A hyphen separates words, but is part of a number such as 1e-3 or =-5. */
const BETWEEN = /((?:[\s_/,;:|]|(?<=[\p{L}\p{N}])(?<!\d[eE])-)+)/u;

/** Names up to this length have room everywhere. */
const SHORT = 16;

/** In the order of `names`. Names that differ stay different. */
export function toldApart(names: readonly string[]): string[] {
  const distinct = [...new Set(names)];
  const whole = new Map(distinct.map((name) => [name, name]));
  if (distinct.length > 1 && distinct.some((name) => name.length > SHORT)) {
    const short = withoutCommon(distinct.map((name) => name.split(BETWEEN)));
    if (new Set(short).size === distinct.length) distinct.forEach((name, at) => whole.set(name, short[at] ?? name));
  }
  return names.map((name) => whole.get(name) ?? name);
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
