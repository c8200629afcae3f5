import { expect, test } from 'vitest';
import type { Run } from '../../data/result';
import type { MediaSeries, MediaValue } from '../../wire';
import type { RunMediaValues } from './board';
import { recordedCurves } from './recordedCurves';

function section(run: string, name: string, captions: readonly (string | null)[], context = {}): RunMediaValues {
  const values = captions.map(
    (caption, index) => ({ format: 'roc', caption, index, blob: `${name}-${index}` }) as unknown as MediaValue,
  );
  return { run: { id: run } as Run, series: { name, context } as MediaSeries, values };
}

const labels = (sections: readonly RunMediaValues[]) =>
  recordedCurves(sections, ({ id }) => id).map(({ source }) => source.label);

test.each([
  ['a name', [section('a', 'roc', [null]), section('b', 'roc', [null])], ['a', 'b']],
  ['two names', [section('a', 'roc', [null]), section('a', 'roc_val', [null])], ['a · roc', 'a · roc_val']],
  ['contexts', [section('a', 'roc', [null], { subset: 'val' })], ['a · subset=val']],
  ['classes', [section('a', 'roc', ['cat', 'dog'])], ['a · cat', 'a · dog']],
  ['several without a caption', [section('a', 'roc', [null, null])], ['a · #0', 'a · #1']],
])('of %s', (_, sections, expected) => expect(labels(sections)).toEqual(expected));

test('only curves, each of its kind', () => {
  const mixed = section('a', 'f', [null, null, null]);
  const formats = ['pr', 'confusion', 'roc'];
  const values = mixed.values.map((value, at) => ({ ...value, format: formats[at] ?? '' }));
  expect(recordedCurves([{ ...mixed, values }], () => '').map(({ kind }) => kind)).toEqual(['pr', 'roc']);
});
