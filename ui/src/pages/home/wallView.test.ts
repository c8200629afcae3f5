import { describe, expect, test } from 'vitest';
import { DEFAULT_VIEW } from '../../explorer/view/view';
import { conditionOf, conditionOn, drawnRuns, toggled } from './runList';
import { MOST, readWall, written } from './wallView';

const A = 'a'.repeat(32);
const B = 'b'.repeat(32);
const C = 'c'.repeat(32);

describe('the address of the home page', () => {
  test('none of its names is one of an explorer', () => {
    for (const name of Object.keys(readWall(''))) expect(DEFAULT_VIEW).not.toHaveProperty(name);
  });
  test.each([
    ['', { newest: 20, experiment: null, axis: 'step', smoothing: 0, hide: [], metric: null }],
    ['?experiment=first', { newest: 200, experiment: 'first' }],
    ['?newest=50&axis=time&smoothing=0.6', { newest: 50, axis: 'time', smoothing: 0.6 }],
    ['?enlarged=3', { enlarged: 3 }],
    ['?enlarged=-1', { enlarged: null }],
    ['?enlarged=x', { enlarged: null }],
    ['?newest=7&axis=odd&smoothing=-1', { newest: 20, axis: 'step', smoothing: 0 }],
    [`?hide=${A}.nonsense.${B}&baseline=${A}&add=`, { hide: [A, B], baseline: A, add: [] }],
  ])('%s', (search, expected) => expect(readWall(search)).toMatchObject(expected));
  test.each([
    [{ hide: [A, B] }, null, { hide: `${A}.${B}` }],
    [
      { hide: [], axis: 'step', smoothing: 0, metric: null },
      null,
      { hide: null, axis: null, smoothing: null, metric: null },
    ],
    [{ newest: 20 }, null, { newest: null }],
    [{ newest: 20 }, 'first', { newest: '20' }],
    [{ newest: 200 }, 'first', { newest: null }],
  ] as const)('%o is written', (change, experiment, expected) => expect(written(change, experiment)).toEqual(expected));
});

test('the runs of a dashboard are those of its address, or its own', () => {
  const own = { runs: 'lr > 1', newest: 30 };
  expect(readWall('', own)).toMatchObject(own);
  expect(readWall('?runs=&newest=50', own)).toMatchObject({ runs: '', newest: 50 });
  expect(written({ runs: '', newest: 20 }, null, own)).toEqual({ runs: '', newest: '20' });
  expect(written({ runs: 'lr > 1', newest: 30 }, null, own)).toEqual({ runs: null, newest: null });
});

describe('the drawn runs', () => {
  test.each([
    [1, `run.id in ("${A}") and `],
    [2, `run.id in ("${A}", "${A}") and `],
    [MOST, `run.id in "${A} ${A}`],
  ])('the address of a query of %i of them fits into 8 kB', (count, start) => {
    const q = conditionOn(Array.from({ length: count }, () => A));
    expect(q.startsWith(start)).toBe(true);
    expect(new URLSearchParams({ q }).toString().length).toBeLessThan(7000);
  });
  const listed = [{ id: A }, { id: B }, { id: C }];
  test.each([
    [{ newest: 2, add: [], baseline: null }, [A, B]],
    [{ newest: 2, add: [C], baseline: null }, [C, A, B]],
    [{ newest: 2, add: [], baseline: B }, [B, A]],
    [{ newest: 200, add: [], baseline: null }, [A, B, C]],
  ])('%o', (view, expected) => expect(drawnRuns(listed, view)).toEqual(expected));
  test.each([
    ['a drawn one is hidden', A, { add: [], hide: [] }, { add: [], hide: [A] }],
    ['a hidden one is shown', A, { add: [], hide: [A, B] }, { add: [], hide: [B] }],
    ['another one is added', C, { add: [], hide: [] }, { add: [C], hide: [] }],
    ['an added one is removed', C, { add: [C], hide: [] }, { add: [], hide: [] }],
    ['an added one of the newest is hidden', A, { add: [A], hide: [] }, { add: [], hide: [A] }],
    ['an added one of the newest is shown', A, { add: [A], hide: [A] }, { add: [A], hide: [] }],
    ['a hidden one that is not one of the newest anymore is shown', C, { add: [], hide: [C] }, { add: [C], hide: [] }],
    ['an added baseline is hidden', C, { add: [C], hide: [], baseline: C }, { add: [], hide: [C] }],
    ['a hidden baseline is shown', C, { add: [], hide: [C], baseline: C }, { add: [], hide: [] }],
  ])('%s', (_, id, before, after) =>
    expect(toggled(id, listed, { newest: 2, baseline: null, ...before })).toEqual(after),
  );
  test.each([
    [' ', null, '', 0],
    [' lr < 1', null, ' lr < 1', 0],
    ['', 'first', 'run.experiment == "first"', 0],
    ['a or b', 'say "x"', 'run.experiment == "say \\"x\\"" and (a or b)', 35],
    [' a', '😀', 'run.experiment == "😀" and ( a)', 27],
  ])('of %s in %s', (runs, experiment, q, before) => expect(conditionOf({ runs, experiment })).toEqual({ q, before }));
});
