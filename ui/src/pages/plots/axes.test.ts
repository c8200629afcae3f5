import { expect, test, vi } from 'vitest';
import { itemAt } from '../../text/lists';
import { columnOf } from '../../charts';
import { itemOfRun, type Item } from '../../data/result';
import { resultOf, runRow } from '../../data/testing';
import type { Column } from '../../explorer/columns';
import { fieldOf } from '../../explorer/fields';
import { brushTexts, axisValue, keptRows, readBrushes, standardAxes } from './axes';

const AXES = [columnOf('lr', 'lr', [0.1, 0.01, undefined]), columnOf('opt', 'opt', ['adam', 'sgd', 'sgd'])];

test.each([
  [{}, [0, 1, 2]],
  [{ lr: { range: [0.05, 1] as const, none: false } }, [0]],
  [{ lr: { range: [0.001, 0.05] as const, none: true } }, [1, 2]],
  [{ lr: { range: null, none: true } }, [2]],
  [{ lr: { range: [0, 1] as const, none: false }, opt: { range: [0.5, 1.5] as const, none: false } }, [1]],
  [{ gone: { range: [0, 1] as const, none: false } }, [0, 1, 2]],
])('%j keeps rows %j', (brushes, expected) => expect(keptRows(AXES, brushes, [], 3)).toEqual(expected));

test('on an axis of powers 0 has no place', () => {
  const axes = [columnOf('x', 'x', [0, 0.1, 1])];
  const kept = (none: boolean, ...logs: string[]): number[] =>
    keptRows(axes, { x: { range: [0, 0.5], none } }, logs, 3);
  expect([kept(false), kept(false, 'x'), kept(true, 'x')]).toEqual([[0, 1], [1], [0, 1]]);
});

test('brushes go through the address', () => {
  const brushes = { 'params.a~b': { range: [-1, 2.5] as const, none: false }, x: { range: null, none: true } };
  expect(readBrushes(brushTexts(brushes))).toEqual(brushes);
});

test.each(['', 'a~b~0~x', '1~0~0~x', '~~0~x', '1~2~0'])('%j is not a brush', (text) =>
  expect(readBrushes([text])).toEqual({}),
);

test.each([
  [[1, 2], '[1,2]'],
  ['NaN', undefined],
  [null, undefined],
  [false, false],
])('%j as a cell', (value, expected) => expect(axisValue(value)).toBe(expected));

test('the params that explain most of the metric come first, seeds last', () => {
  const rows = [0, 1, 2, 3, 4, 5, 6, 7].map((i) => ({ b: i % 2, depth: i >> 1, fixed: 1, opt: 'ab'[i >> 2], seed: i }));
  const { runs, paths } = resultOf(rows.map((params, at) => ({ run: runRow(`r${at}`), params, series: [] })));
  const result = { ...resultOf([]), runs, paths, items: runs.map(itemOfRun) };
  const params = paths.map((path): Column<Item> => ({
    ...blank,
    id: `params.${path}`,
    value: fieldOf(`params.${path}`).of,
  }));
  const loss: Column<Item> = {
    ...blank,
    id: 'metrics.last.loss',
    value: ({ run }) => -runs.findIndex(({ id }) => id === run.id),
  };
  expect(standardAxes([...params, loss], result)).toEqual([
    'params.depth',
    'params.opt',
    'params.b',
    'params.seed',
    'metrics.last.loss',
  ]);
});

test('of many runs some are ranked, those with the metric among them', () => {
  const run = itemAt(resultOf([{ run: runRow('0'), series: [] }]).runs, 0);
  const runs = Array.from({ length: 5000 }, (_, at) => ({ ...run, id: String(at) }));
  const columnBy = (id: string, of: (at: number) => unknown): Column<Item> => ({
    ...blank,
    id,
    value: vi.fn(({ run }) => of(Number(run.id))),
  });
  const params = [columnBy('params.depth', (at) => at % 9), columnBy('params.width', (at) => at)];
  const loss = columnBy('metrics.last.loss', (at) => (at % 999 === 1 ? at : undefined));
  const axes = standardAxes([...params, loss], { ...resultOf([]), runs, items: runs.map(itemOfRun) });
  expect(axes).toEqual(['params.width', 'params.depth', 'metrics.last.loss']);
  for (const { value } of params) expect(vi.mocked(value).mock.calls.length).toBeLessThan(2001);
});

const blank = { id: '', label: '', width: 80, text: () => '' };
