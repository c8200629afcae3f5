import { expect, test } from 'vitest';
import { readMediaAddress, writtenMedia, type MediaAddress } from './mediaAddress';

const read = (search: string): MediaAddress => readMediaAddress(new URLSearchParams(search));

function written(change: Partial<MediaAddress>): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(writtenMedia(change)))
    for (const text of typeof value === 'string' ? [value] : (value ?? [])) search.append(name, text);
  return search.toString();
}

const CHANGED: readonly Partial<MediaAddress>[] = [
  { rows: ['params.lr', 'context.subset'], columns: [] },
  { allBut: ['columns'], down: ['rows', 'columns'] },
  { lo: -5, hi: 100, low: 0, high: 3 },
  { steps: 200, size: 240, fit: 'cover', pixels: 'smooth', at: 0 },
  { kind: 'text', look: 'markdown', find: '(?i)loss|NaN', rows: [] },
];

test.each(CHANGED)('%j is read as it was written', (change) => {
  expect(read(written(change))).toEqual({ ...read(''), ...change });
});

test('the standard is not written', () => expect(written(read(''))).toBe(''));

test.each([
  ['size=9999', { size: 2000 }],
  ['size=x&steps=0&steps=5', { size: null, steps: 1 }],
  [`pattern=${'x'.repeat(300)}`, { find: 'x'.repeat(200) }],
  ['lo=1.5&hi=&at=nan', { lo: null, hi: null, at: null }],
  ['low=-3', { low: 0 }],
  ['fit=stretch&pixels=odd&down=up', { fit: 'contain', pixels: 'auto', down: [] }],
])('%s is bounded', (search, expected) => expect(read(search)).toMatchObject(expected));
