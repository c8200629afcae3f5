/** The server finds rows by what they show: tests/query/test_find.py holds it to the same texts. */
import { expect, test } from 'vitest';
import { formatValue } from '../../charts';
import { textOf } from '../../data/result';
import { durationText } from '../../text/format';
import { shortHash } from '../../text/runName';
import texts from '../../../../tests/query/shown.json?raw';

const WRITERS: Record<string, (value: never) => string> = {
  numbers: formatValue,
  values: textOf,
  durations: durationText,
  hashes: shortHash,
};
const shown = JSON.parse(texts) as Record<string, [never, string][]>;

test.each(Object.keys(WRITERS))('%s', (kind) => {
  const pairs = shown[kind] ?? [];
  expect(pairs.map(([value]) => [value, WRITERS[kind]?.(value)])).toEqual(pairs);
});
