import { expect, test } from 'vitest';
import { KINDS, kindNamed, kindOfQuery, queryFor } from './kinds';

const [images, texts] = [kindNamed('image'), kindNamed('text')];

test('an unknown kind is the first one', () => expect(kindNamed('hologram')).toBe(KINDS[0]));

test('names, looks and sizes are whole', () => {
  expect(new Set(KINDS.map(({ kind }) => kind)).size).toBe(KINDS.length);
  for (const { size, sizes, looks } of KINDS) {
    expect(sizes[0] <= size && size <= sizes[1]).toBe(true);
    expect(new Set(looks.map(({ value }) => value)).size).toBe(looks.length);
  }
});

test.each([
  ['texts if texts.step > 1', 'text'],
  ['  images', 'image'],
  ['samples if images.step > 1', undefined],
  ['images.step', undefined],
  ['', undefined],
])('%s begins with the kind %s', (query, kind) => expect(kindOfQuery(query)?.kind).toBe(kind));

test.each([
  ['images if images.step > 1', 'texts if texts.step > 1'],
  [
    'samples if hparams.images == "images" and images.index == 0',
    'samples if hparams.images == "images" and texts.index == 0',
  ],
  ['', ''],
  ['imagesque', 'imagesque'],
])('%s for texts is %s', (query, expected) => expect(queryFor(query, images, texts)).toBe(expected));
