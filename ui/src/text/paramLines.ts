/** Params as lines of text, a name and a value in each: `lr 0.01`. */

export type ParamValue = string | number | boolean | null;

export interface ParamLines {
  readonly params: Readonly<Record<string, ParamValue>>;
  /** The first line that says nothing, or null. */
  readonly wrong: string | null;
}

const LINE = /^([^\s=:]+)(?:\s*[=:]\s*|\s+)([^\s=:].*)$/;
const QUOTED = /^"(.*)"$|^'(.*)'$/s;
const NUMBER = /^[-+]?(\d[\d_]*\.?\d*|\.\d+)(e[-+]?\d+)?$/i;
const WORDS: ReadonlyMap<string, boolean | null> = new Map([
  ['true', true],
  ['false', false],
  ['none', null],
  ['null', null],
]);

/** A value as a person writes it: a number, true, false, none, or a text, in quotes where it could be something else. */
export function readValue(text: string): ParamValue {
  const quoted = QUOTED.exec(text);
  if (quoted) return quoted[1] ?? quoted[2] ?? '';
  if (NUMBER.test(text)) return Number(text.replace(/_/g, ''));
  const word = text.toLowerCase();
  const known = WORDS.get(word);
  return known === undefined ? text : known;
}

export function readParams(text: string): ParamLines {
  const params = new Map<string, ParamValue>();
  const lines = text.split('\n').map((line) => line.trim());
  for (const [at, line] of lines.entries()) {
    if (line === '') continue;
    const parts = LINE.exec(line);
    if (!parts) return { params: {}, wrong: `Line ${at + 1}, “${line}”, has a name and no value.` };
    const [, name = '', value = ''] = parts;
    if (params.has(name)) return { params: {}, wrong: `Line ${at + 1} names “${name}” again.` };
    params.set(name, readValue(value));
  }
  return { params: Object.fromEntries(params), wrong: null };
}
