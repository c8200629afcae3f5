/** One order for all values: numbers by size, also those written as text, then other text as people sort it, then NaN, then what is missing; these two last in both directions. */

const DIGITS = /0*([0-9]+)/g;
const MOST_NUMBERS = 32;
const LONGEST = 5000;
const KEPT = 20_000;
const keys = new Map<string, string>();

/** Names as people count, so that `layer2` is before `layer10`; `aim/natural.py` has the same. */
export function compareNames(a: string, b: string): number {
  const [x, y] = [keyOf(a), keyOf(b)];
  return x < y ? -1 : x > y ? 1 : 0;
}

/** Lists are sorted again and again, so that keys are kept. */
function keyOf(text: string): string {
  const known = keys.get(text);
  if (known !== undefined) return known;
  if (keys.size >= KEPT) keys.clear();
  const key = naturalKey(text);
  keys.set(text, key);
  return key;
}

function naturalKey(text: string): string {
  let numbers = 0;
  const folded = text
    .normalize('NFKD')
    .replace(/\p{Mn}/gu, '')
    .toLowerCase();
  const sized = folded.replace(DIGITS, (whole, digits: string) =>
    numbers++ < MOST_NUMBERS ? `0${String.fromCharCode(48 + Math.min(digits.length, LONGEST))}${digits}` : whole,
  );
  return `${sized}\0${text}`;
}

/** A text that is a number; `aim/query/order.py` has the same. */
const NUMBER = /^[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?$/;

function numericOf(value: unknown): number | null {
  if (typeof value === 'number') return value;
  if (typeof value === 'boolean') return value ? 1 : 0;
  if (value === 'Infinity') return Infinity;
  if (value === '-Infinity') return -Infinity;
  return typeof value === 'string' && NUMBER.test(value) ? Number(value) : null;
}

/** 0 for a value, 1 for NaN, 2 for none. */
function absence(value: unknown): number {
  if (value === undefined || value === null || (Array.isArray(value) && value.length === 0)) return 2;
  return value === 'NaN' || Number.isNaN(value) ? 1 : 0;
}

export function compareValues(a: unknown, b: unknown, descending = false): number {
  const [noA, noB] = [absence(a), absence(b)];
  if (noA || noB) return noA - noB;
  const [x, y] = [numericOf(a), numericOf(b)];
  let order: number;
  if (x !== null && y !== null) order = x - y || ofEqualNumbers(a, b);
  else if (x !== null || y !== null) order = x !== null ? -1 : 1;
  else order = compareNames(asText(a), asText(b));
  if (Number.isNaN(order)) order = 0;
  return descending ? -order : order;
}

/** A number stands before the same number as text. */
function ofEqualNumbers(a: unknown, b: unknown): number {
  const [textA, textB] = [typeof a === 'string' && NUMBER.test(a), typeof b === 'string' && NUMBER.test(b)];
  return textA && textB ? compareNames(asText(a), asText(b)) : Number(textA) - Number(textB);
}

function asText(value: unknown): string {
  if (typeof value === 'string') return value;
  const texts = Array.isArray(value) && value.every((part) => typeof part === 'string');
  return texts ? value.join(', ') : (JSON.stringify(value) ?? '');
}
