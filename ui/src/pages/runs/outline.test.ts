import { expect, test } from 'vitest';
import { FrameDecoder } from '../../data/frames';
import { encode, resultOf, runRow } from '../../data/testing';
import { itemOfRun } from '../../data/result';
import { bundlesOf } from '../../explorer/bundles';
import { group } from '../../explorer/grouping';
import { Layout, outlineOf, type RunGroup } from './outline';

const decoded = (values: unknown[][], codes: number[], sizes: number[], paths: string[][] = []) => {
  const arrays = {
    size: Int32Array.from(sizes),
    place: Int32Array.from(sizes.keys()),
    value: Int32Array.from(codes),
  };
  const [frame] = new FrameDecoder().push(encode({ kind: 'groups', groups: 9, values, paths }, arrays));
  if (!frame) throw new Error('no frame');
  return frame;
};

test('groups have the keys and names that groups made of all runs have', () => {
  const { runs } = resultOf([
    { run: runRow('a', { tags: ['x', 'y'] }), params: { lr: 0.1 }, series: [] },
    { run: runRow('b'), params: { lr: 0.1, 'net.depth': 3 }, series: [] },
  ]);
  const fields = ['params.lr', 'params.net.depth', 'run.tags'];
  const made = bundlesOf(group(runs.map(itemOfRun), { color: fields, stroke: [], chart: [] }));
  const outline = outlineOf(decoded([[0.1], [3], [['x', 'y']]], [0, 0, 0, -1, -1, 0], [1, 1]), {
    fields,
    but: false,
    fold: 'mean',
  });
  expect(outline?.total).toBe(9);
  expect(outline?.groups.map(({ key, values }) => ({ key, values }))).toEqual(
    made.map(({ key, values }) => ({ key, values })),
  );
  expect(outline?.groups.map(({ colorKey }) => colorKey)).toEqual(made.map(({ color }) => color.key));
});

test('all params but some are named by the answer', () => {
  const outline = outlineOf(decoded([[1]], [0], [4], [['a', 'b']]), { fields: ['params.c'], but: true, fold: 'mean' });
  expect(outline?.groups[0]?.values).toEqual([{ name: 'a.b', text: '1', param: true, common: true }]);
});

const GROUPS = [3, 1, 2].map((size, at): RunGroup => {
  const start = [0, 3, 4][at] ?? 0;
  return { key: `g${at}`, colorKey: '', values: [], place: at, start, size };
});

test.each([
  [[], 'g0 g1 g2'],
  [['g1'], 'g0 g1 3 g2'],
  [['g0', 'g2', 'gone'], 'g0 0 1 2 g1 g2 4 5'],
])('with %j open', (open, expected) => {
  const layout = new Layout(GROUPS, open);
  const rows = Array.from({ length: layout.count }, (_, row) => layout.spot(row));
  expect(rows.map((spot) => (spot?.run === null ? spot.group.key : spot?.run)).join(' ')).toBe(expected);
  expect(GROUPS.filter((_, at) => layout.isOpen(at)).map(({ key }) => key)).toEqual(
    open.filter((key) => key !== 'gone'),
  );
  expect([layout.spot(-1), layout.spot(layout.count)]).toEqual([null, null]);
});
