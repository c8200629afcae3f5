import { describe, expect, test } from 'vitest';
import type { RunDetail } from '../../wire';
import { readCompare, writeCompare } from './address';
import { guessed } from '../../text/direction';
import { comparison, csvRows, deltaOf, winners } from './rows';

function detail(id: string, params: Record<string, unknown>, loss: number | null, commit = 'abc'): RunDetail {
  return {
    run: {
      id,
      hash: id,
      name: id,
      experiment: 'e',
      description: null,
      tags: [],
      archived: false,
      status: 'finished',
      error: null,
      created_at: 0,
      finished_at: 1,
      duration: 1,
      seen_at: 1,
      started_by: null,
      edited_by: null,
      diverged: false,
      position: 0,
      dropped: 0,
      damaged: 0,
    },
    params,
    facts: { python: '3.12', git: { commit } },
    metrics:
      loss === null
        ? []
        : [
            {
              name: 'loss',
              context: { subset: 'val' },
              count: 2,
              first: 9,
              last: loss,
              min: loss / 2,
              max: 9,
              mean: 5,
              last_step: 1,
              nonfinite: 0,
            },
          ],
    notes: [],
    writers: [],
    damaged: 0,
    reasons: [],
    environment: null,
    output: 0,
  };
}

describe('what differs', () => {
  test('a param that one run lacks differs, and so does 1 from "1"', () => {
    const { params } = comparison(
      [detail('a', { h: { lr: 1, n: 1 } }, 1), detail('b', { h: { lr: '1' }, same: 0 }, 1)],
      guessed,
    );
    expect(params.map((row) => [row.label, row.differs])).toEqual([
      ['h.lr', true],
      ['h.n', true],
      ['same', true],
    ]);
    expect(params[1]?.values).toEqual([1, undefined]);
  });
  test('equal lists and words are identical', () => {
    const { params } = comparison([detail('a', { l: [1, 2] }, 1), detail('b', { l: [1, 2] }, 1)], guessed);
    expect(params[0]?.differs).toBe(false);
  });
  test('git has its own section', () => {
    const { git, surroundings } = comparison([detail('a', {}, 1, 'x'), detail('b', {}, 1, 'y')], guessed);
    expect(git).toEqual([{ label: 'commit', values: ['x', 'y'], differs: true }]);
    expect(surroundings.find((row) => row.label === 'python')?.differs).toBe(false);
    expect(surroundings.some((row) => row.label.startsWith('git'))).toBe(false);
  });
  test('packages, variables and uncommitted changes', () => {
    const with_ = (torch: string, diff: string | null): RunDetail => ({
      ...detail('a', {}, 1),
      environment: {
        packages: { torch, numpy: '2.1' },
        variables: { SEED: '1' },
        diff,
        cut: null,
        untracked: diff ? ['x.py'] : [],
      },
    });
    const { surroundings, git } = comparison(
      [with_('2.5', '-a\n+b\n'), with_('2.6', '-a\n+c\n'), with_('2.6', null)],
      guessed,
    );
    const differing = (rows: typeof git): string[] => rows.filter((row) => row.differs).map(({ label }) => label);
    expect(differing(surroundings)).toEqual(['package torch']);
    expect(surroundings.map(({ label }) => label)).toEqual(expect.arrayContaining(['package numpy', 'variable SEED']));
    expect(differing(git)).toEqual(['uncommitted changes', 'files unknown to git']);
    expect(git.find(({ label }) => label === 'uncommitted changes')?.values[0]).toMatch(/^2 lines \(/);
  });
  test('metrics at last and at best, missing ones as null', () => {
    const { metrics } = comparison([detail('a', {}, 4), detail('b', {}, null)], guessed);
    expect(metrics).toEqual([
      {
        key: 'loss\nsubset=val',
        name: 'loss',
        context: 'subset=val',
        direction: 'min',
        last: [4, null],
        best: [2, null],
        differs: true,
      },
    ]);
    expect(comparison([detail('a', {}, 4)], () => 'max').metrics[0]?.best).toEqual([9]);
  });
});

test.each([
  [3, 2, 'min', { by: 1, part: 0.5, better: false }],
  [3, 2, 'max', { by: 1, part: 0.5, better: true }],
  [-1, -2, 'min', { by: 1, part: 0.5, better: false }],
  [1, 0, 'max', { by: 1, part: null, better: true }],
  [2, 2, 'min', null],
  [NaN, NaN, 'min', null],
  [null, 2, 'min', null],
  [NaN, 2, 'min', { by: NaN, part: NaN, better: false }],
  [NaN, 2, 'max', { by: NaN, part: NaN, better: false }],
  [2, NaN, 'max', { by: NaN, part: NaN, better: true }],
  [Infinity, 2, 'min', { by: Infinity, part: Infinity, better: false }],
] as const)('from %d to the baseline %d, %s is better', (value, baseline, direction, expected) => {
  expect(deltaOf(value, baseline, direction)).toEqual(expected);
});

test.each([
  [[1, 2, 1], 'min', [0, 2]],
  [[1, 2, NaN], 'max', [1]],
  [[2, 2], 'max', []],
  [[2, NaN], 'max', [0]],
  [[2, NaN, null], 'min', [0]],
  [[2, null], 'min', []],
  [[NaN, NaN], 'min', []],
  [[Infinity, 1], 'min', [1]],
] as const)('of %j the best by %s', (values, direction, places) => {
  expect([...winners(values, direction)]).toEqual(places);
});

test('as CSV: differences first, missing cells empty', () => {
  const of = comparison([detail('a', { x: 1, y: 1 }, 4), detail('b', { x: 1, y: 2 }, null)], guessed);
  expect(csvRows(['a', 'b'], of).slice(0, 5)).toEqual([
    ['part', 'name', 'value', 'a', 'b'],
    ['params', 'y', '', 1, 2],
    ['params', 'x', '', 1, 1],
    ['metrics', 'loss subset=val', 'last', 4, ''],
    ['metrics', 'loss subset=val', 'min', 2, ''],
  ]);
});

test('the address holds all of the state', () => {
  const state = {
    runs: ['a', 'b'],
    baseline: 'b',
    find: 'lr',
    open: ['git'],
    directions: new Map([['loss', 'max' as const]]),
    difference: true,
  };
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(writeCompare(state)))
    for (const text of typeof value === 'string' ? [value] : (value ?? [])) search.append(name, text);
  expect(readCompare(search)).toEqual(state);
});
