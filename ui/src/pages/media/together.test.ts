import { expect, test } from 'vitest';
import { groupBy } from '../../explorer/grouping';
import { picture } from './testing';
import { tilesOfCells } from './together';

const items = ['r0', 'r1'].flatMap((run) =>
  [0, 10].flatMap((step) => [
    picture({ run, step, name: 'roc', format: 'roc' }),
    picture({ run, step, name: 'plot', format: 'plotly' }),
  ]),
);
const curves = ({ format, name }: (typeof items)[number]): string | null => (format === 'roc' ? name : null);
const tilesBy = (rows: string[], columns: string[], together = curves): string[] => {
  const { tiles, matesOf } = tilesOfCells(items, [groupBy(items, rows), groupBy(items, columns)], together);
  return tiles.map(
    (item) =>
      `${item.name} of ${matesOf(item)
        .map(({ run, step }) => `${run.id}@${step}`)
        .join(' ')}`,
  );
};

test('curves of a cell share a tile, other figures do not', () => {
  expect(tilesBy(['media.name'], ['media.step'])).toEqual([
    'roc of r0@0 r1@0',
    'plot of r0@0',
    'roc of r0@10 r1@10',
    'plot of r0@10',
    'plot of r1@0',
    'plot of r1@10',
  ]);
});

test('runs in rows of their own are apart', () => {
  expect(tilesBy(['run.hash'], []).filter((text) => text.startsWith('roc'))).toEqual([
    'roc of r0@0 r0@10',
    'roc of r1@0 r1@10',
  ]);
});

test('a kind that does not share has a tile for each', () => {
  expect(tilesOfCells(items, [], undefined).tiles).toBe(items);
});
