import { assert, describe, expect, test } from 'vitest';
import { mergeRuns, paramOf, shortKey } from './result';
import { resultOf, runRow } from './testing';

const first = resultOf([
  { run: runRow('b', { created_at: 2 }), params: { lr: 1 }, series: [{ name: 'loss', y: [1, 2] }] },
  { run: runRow('a', { created_at: 1 }), params: { lr: 2, seed: 0 }, series: [{ name: 'loss', y: [3] }] },
]);

test('params are read by run, and a run without one has none', () => {
  const [b, a] = first.runs;
  assert(a && b);
  expect([paramOf(b, 'lr'), paramOf(b, 'seed'), paramOf(a, 'seed'), paramOf(a, 'other')]).toEqual([
    1,
    undefined,
    0,
    undefined,
  ]);
});

describe('mergeRuns', () => {
  test('a run that grew replaces itself and keeps its place and keys', () => {
    const fresh = resultOf([
      {
        run: runRow('a', { created_at: 1, status: 'running' }),
        params: { lr: 2 },
        series: [{ name: 'loss', y: [3, 4, 5] }],
      },
    ]);
    const merged = mergeRuns(first, fresh, ['a']);
    expect(merged.items.map(({ key }) => key)).toEqual(first.items.map(({ key }) => key));
    expect(merged.items.map(({ count }) => count)).toEqual([2, 3]);
    expect(merged.runs.map(({ id, status }) => [id, status])).toEqual([
      ['b', 'finished'],
      ['a', 'running'],
    ]);
    expect(merged.points).toBe(5);
  });

  test('a new run comes in by its age, with its own params', () => {
    const fresh = resultOf([
      { run: runRow('c', { created_at: 3 }), params: { depth: 4 }, series: [{ name: 'loss', y: [0] }] },
    ]);
    const merged = mergeRuns(first, fresh, ['c']);
    expect(merged.runs.map(({ id }) => id)).toEqual(['c', 'b', 'a']);
    expect(merged.items.map(({ run }) => run.id)).toEqual(['c', 'b', 'a']);
    expect(merged.paths).toEqual(['depth', 'lr', 'seed']);
    const [c, b] = merged.runs;
    assert(b && c);
    expect([paramOf(c, 'depth'), paramOf(b, 'lr')]).toEqual([4, 1]);
  });

  test('an asked run that is not answered no longer matches', () => {
    const merged = mergeRuns(first, resultOf([]), ['b', 'unknown']);
    expect(merged.runs.map(({ id }) => id)).toEqual(['a']);
    expect(merged.items.map(({ run }) => run.id)).toEqual(['a']);
  });
});

test('keys of many series do not collide', () => {
  const keys = new Set<string>();
  for (let i = 0; i < 100_000; i++) keys.add(shortKey(`run${i >> 4}\nloss\nsubset=${i & 15}`));
  expect(keys.size).toBe(100_000);
});
