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
  { tag: 'constructor' },
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
    [['subset=val', 'tag=constructor'], { 'subset=val': 1, 'tag=constructor': 3 }],
    [['subset=train', 'tag=test'], { 'subset=train': 0, 'tag=test': 2 }],
    [['fold=2', 'subset=odd'], { 'fold=2': 0, 'subset=odd': 1 }],
    [['', 'fold=2', 'subset=val'], { '': 0, 'subset=val': 1, 'fold=2': 3 }],
  ])('dashes of %j', (texts, expected) => expect(Object.fromEntries(dashesOf(only(...texts)))).toEqual(expected));

  test.each<[Record<string, unknown>[], string[]]>([
    [
      [{ subset: 'val' }, {}, { fold: 2 }],
      ['no context', 'val', 'fold=2'],
    ],
    [
      [
        { subset: 'val', fold: 1 },
        { subset: 'train', fold: 1 },
      ],
      ['train', 'val'],
    ],
    [
      [
        { subset: 'val', fold: 1 },
        { subset: 'val', fold: 2 },
      ],
      ['fold=1', 'fold=2'],
    ],
    [
      [
        { stage: 'a', subset: 'val' },
        { stage: 'b', subset: 'train' },
      ],
      ['a val', 'b train'],
    ],
    [
      [{ one: 'a' }, { two: 'a' }],
      ['one=a', 'two=a'],
    ],
  ])('the legend tells contexts apart: %j', (contexts, labels) => {
    const { items: mine } = resultOf([
      { run: runRow('a'), series: contexts.map((context) => ({ name: 'loss', context, y: [1] })) },
    ]);
    const shown = contextsOf(mine);
    expect(shown.map(({ label }) => label).sort()).toEqual([...labels].sort());
    expect(shown.map(({ text }) => text)).not.toContain('');
  });

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
