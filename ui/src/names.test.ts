/** One meaning for each name of a type, class or component, exported or not, as tests/test_names.py holds for Python. */
import { expect, test } from 'vitest';

/** A page adds params to the run of the server. */
const IN_BOTH = ['Run'];
const DEFINED =
  /^(?:export )?(?:default )?(?:abstract )?(?:interface|type|class|enum|function|const) ([A-Z]\w*[a-z]\w*)\b(?! = lazy\()/gm;

const sources = import.meta.glob<string>(['./**/*.{ts,tsx}', '!./**/*.test.ts'], {
  query: '?raw',
  import: 'default',
  eager: true,
});

test('a type, class or component has a name of its own', () => {
  const places = new Map<string, readonly string[]>();
  for (const [file, text] of Object.entries(sources))
    for (const [, name = ''] of text.matchAll(DEFINED)) places.set(name, [...(places.get(name) ?? []), file]);
  expect(places.get('CompareTableProps')).toEqual(['./pages/compare/CompareTable.tsx']);
  expect(places.get('LineChart')).toEqual(['./charts/LineChart.ts']);
  const several = [...places].filter(([, files]) => files.length > 1);
  expect(several.filter(([name]) => !IN_BOTH.includes(name))).toEqual([]);
  expect(several.map(([name]) => name)).toEqual(IN_BOTH);
});
