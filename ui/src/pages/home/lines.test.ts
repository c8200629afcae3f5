import { describe, expect, test } from 'vitest';
import { dashes } from '../../charts';
import { resultOf, runRow } from '../../data/testing';
import { contextsOf, dashesOf, linesOf } from './lines';

const SUBSETS: Record<string, unknown>[] = [
  { subset: 'val' },
  { subset: 'train' },
  { subset: 'odd' },
  {},
  { fold: 2 },
  { tag: 'test' },
];
const { items } = resultOf(
  ['new', 'old'].map((id) => ({
    run: runRow(id),
    series: SUBSETS.map((context) => ({ name: 'loss', context, y: [1, 2] })),
  })),
);
const only = (...texts: string[]): typeof items => items.filter(({ contextText }) => texts.includes(contextText));

describe('lines of a small chart', () => {
  test.each([
    [['subset=train', 'subset=val'], { 'subset=train': 0, 'subset=val': 1 }],
    [['subset=val'], { 'subset=val': 1 }],
    [['subset=train', 'tag=test'], { 'subset=train': 0, 'tag=test': 2 }],
    [['fold=2', 'subset=odd'], { 'fold=2': 0, 'subset=odd': 1 }],
    [['', 'fold=2', 'subset=val'], { '': 0, 'subset=val': 1, 'fold=2': 3 }],
  ])('dashes of %j', (texts, expected) => expect(Object.fromEntries(dashesOf(only(...texts)))).toEqual(expected));

  test('the legend names contexts by their subset', () =>
    expect(contextsOf(only('subset=val', '', 'fold=2')).map(({ text }) => text)).toEqual([
      'no context',
      'val',
      'fold=2',
    ]));

  test('the newest run is drawn last, the baseline on top and thick, a hidden run not', () => {
    const look = { colorOf: () => 'red', nameOf: () => 'run', hidden: new Set(['new']), baseline: null };
    const lines = (baseline: string | null): unknown[] =>
      linesOf(only('subset=val'), { ...look, baseline }).map(({ run, width, hidden }) => [run, width, hidden]);
    expect(lines(null)).toEqual([
      ['old', undefined, false],
      ['new', undefined, true],
    ]);
    expect(lines('old')).toEqual([
      ['new', undefined, true],
      ['old', 2.5, false],
    ]);
    expect(linesOf(only('subset=val'), look)[0]?.dash).toBe(dashes[1]);
  });
});
