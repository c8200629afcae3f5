/** Names and texts as AimQL writes them. */

/** A text as AimQL writes it. */
export const quoted = (text: string): string => JSON.stringify(text);

/** A metric's name at the head of a query: quoted unless it reads as a name by itself. */
export const metricWord = (name: string): string =>
  /^[A-Za-z_]\w*$/.test(name) && !WORDS.has(name) ? name : quoted(name);
const WORDS: ReadonlySet<string> = new Set(['if', 'and', 'or', 'not', 'in', 'is', 'True', 'False', 'None', 'else']);

/** A param as AimQL names it. */
export function paramWord(path: readonly string[]): string {
  if (path.every((part) => /^[A-Za-z_]\w*$/.test(part) && !WORDS.has(part))) return path.join('.');
  return `params${path.map((part) => `[${quoted(part)}]`).join('')}`;
}
