/** One order for all values: numbers by size, also those written as text, then other text as people sort it, then NaN, then what is missing; these two last in both directions. */

const collator = new Intl.Collator(undefined, { numeric: true, sensitivity: 'base' });

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
  if (value === undefined || value === null) return 2;
  return value === 'NaN' || Number.isNaN(value) ? 1 : 0;
}

export function compareValues(a: unknown, b: unknown, descending = false): number {
  const [noA, noB] = [absence(a), absence(b)];
  if (noA || noB) return noA - noB;
  const [x, y] = [numericOf(a), numericOf(b)];
  let order: number;
  if (x !== null && y !== null) order = x - y || ofEqualNumbers(a, b);
  else if (x !== null || y !== null) order = x !== null ? -1 : 1;
  else order = collator.compare(asText(a), asText(b));
  if (Number.isNaN(order)) order = 0;
  return descending ? -order : order;
}

/** A number stands before the same number as text. */
function ofEqualNumbers(a: unknown, b: unknown): number {
  const [textA, textB] = [typeof a === 'string' && NUMBER.test(a), typeof b === 'string' && NUMBER.test(b)];
  return textA && textB ? collator.compare(asText(a), asText(b)) : Number(textA) - Number(textB);
}

const asText = (value: unknown): string => (typeof value === 'string' ? value : (JSON.stringify(value) ?? ''));
