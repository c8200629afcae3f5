import { describe, expect, test } from 'vitest';
import { CHART, GAP, HEAD, columnsIn, layoutOf, sectionsOf, shortName, visibleIn } from './sections';

const NAMES = [
  'system/cpu',
  'val/loss',
  'lr',
  'train/loss',
  'train/layer10',
  'train/layer2',
  '__system__.gpu0',
  'epoch',
];
const shape = (find: string, ...pins: string[]): Record<string, readonly string[]> =>
  Object.fromEntries(sectionsOf(NAMES, find, pins).map(({ title, names }) => [title, names]));

describe('sections', () => {
  test('names without a slash come first, system metrics last, and numbers count as numbers', () => {
    expect(Object.entries(shape(''))).toEqual([
      ['Metrics', ['epoch', 'lr']],
      ['train', ['train/layer2', 'train/layer10', 'train/loss']],
      ['val', ['val/loss']],
      ['system', ['__system__.gpu0', 'system/cpu']],
    ]);
  });
  test('pinned metrics come first and nowhere else, if the shown runs have them', () => {
    expect(Object.entries(shape('l', 'val/loss', 'system/cpu', 'gone')).slice(0, 2)).toEqual([
      ['Pinned', ['val/loss']],
      ['Metrics', ['lr']],
    ]);
    expect(shape('', 'val/loss', 'system/cpu')).toMatchObject({
      Pinned: ['system/cpu', 'val/loss'],
      system: ['__system__.gpu0'],
    });
  });
  test.each([
    ['LOSS', { train: ['train/loss'], val: ['val/loss'] }],
    ['loss train', { train: ['train/loss'] }],
    ['nothing', {}],
  ])('found by %s', (find, expected) => expect(shape(find)).toEqual(expected));
  test.each([
    ['train/a/b', 'a/b'],
    ['loss', 'loss'],
    ['system/cpu', 'cpu'],
    ['__system__.gpu0', 'gpu0'],
    ['train/', 'train/'],
  ])('%s is called %s in its section', (name, short) => expect(shortName(name)).toBe(short));
});

describe('layout', () => {
  const sections = sectionsOf(
    Array.from({ length: 3000 }, (_, at) => `part${at % 3}/metric${at}`),
    '',
    [],
  );
  const layout = layoutOf(sections, (key) => key === 'part1', 3);

  test.each([
    [300, 1],
    [900, 3],
    [1160, 3],
    [40, 1],
  ])('%d pixels have room for %d columns', (width, columns) => expect(columnsIn(width)).toBe(columns));

  test('a folded section is its head', () => {
    const [first, folded, last] = layout.placed;
    expect(folded).toMatchObject({ folded: true, height: HEAD, top: first?.height });
    expect(last?.top).toBe((first?.height ?? 0) + HEAD);
    expect(layout.height).toBe((last?.top ?? 0) + (last?.height ?? 0));
  });

  test.each([
    [0, 900, [['part0', 0, 12]]],
    [100 * (CHART + GAP), 900, [['part0', 99, 15]]],
    [
      layout.placed[1]?.top ?? 0,
      500,
      [
        ['part1', 0, 0],
        ['part2', 0, 6],
      ],
    ],
  ])('at %d, only whole rows in %d pixels', (top, height, expected) => {
    const seen = visibleIn(layout, top, top + height).map(({ section, row, names }) => [
      section.key,
      row,
      names.length,
    ]);
    expect(seen).toEqual(expected);
  });
});
