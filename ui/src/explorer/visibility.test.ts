import { expect, test } from 'vitest';
import { itemAt } from '../text/lists';
import { resultOf, runRow } from '../data/testing';
import { group } from './grouping';
import {
  drawn,
  groupToken,
  hideAll,
  hidesCharts,
  itemToken,
  revealed,
  toggle,
  toggleSolo,
  type Hiding,
} from './visibility';

const { items: series } = resultOf(
  ['a', 'b'].map((id, at) => ({
    run: runRow(id, { created_at: at }),
    series: ['train', 'val'].map((subset) => ({ name: 'loss', context: { subset }, y: [1] })),
  })),
);
const tokenAt = (at: number): string => itemToken(itemAt(series, at));
const grouping = group(series, { color: ['run.hash'], stroke: ['context.subset'], chart: [] });
const [a, b] = grouping.colors.map((color) => groupToken('color', color)) as [string, string];
const [train, val] = grouping.strokes.map((stroke) => groupToken('stroke', stroke)) as [string, string];
const ALL: Hiding = { hidden: [], solo: null };
const names = (hiding: Hiding): string[] => {
  const shown = drawn(series, grouping, hiding);
  return series.filter(({ key }) => shown.has(key)).map(({ run, context }) => `${run.id} ${String(context.subset)}`);
};

test.each<[string, Hiding, string[]]>([
  ['nothing hidden', ALL, ['a train', 'a val', 'b train', 'b val']],
  ['a color hidden', { hidden: [a], solo: null }, ['b train', 'b val']],
  ['a stroke hidden', { hidden: [val], solo: null }, ['a train', 'b train']],
  ['both', { hidden: [a, val], solo: null }, ['b train']],
  ['one series hidden', { hidden: [tokenAt(1)], solo: null }, ['a train', 'b train', 'b val']],
  ['one color alone', { hidden: [], solo: b }, ['b train', 'b val']],
  ['alone beats hidden groups of its kind', { hidden: [b], solo: b }, ['b train', 'b val']],
  ['alone does not beat other hiding', { hidden: [train], solo: b }, ['b val']],
  ['nor a hidden series', { hidden: [tokenAt(3)], solo: b }, ['b train']],
  ['a group of another result alone', { hidden: [], solo: 'cgone' }, ['a train', 'a val', 'b train', 'b val']],
])('%s', (_, hiding, expected) => {
  expect(names(hiding)).toEqual(expected);
});

test('a click hides and shows again, a double click shows alone and then all', () => {
  expect(toggle(ALL, a)).toEqual({ hidden: [a], solo: null });
  expect(toggle(toggle(ALL, a), a)).toEqual(ALL);
  expect(toggleSolo(ALL, a)).toEqual({ hidden: [], solo: a });
  expect(toggleSolo(toggleSolo(ALL, a), a)).toEqual(ALL);
});

test('of charts that are all hidden, a click shows a group alone', () => {
  const charts = group(series, { color: ['run.hash'], stroke: [], chart: ['metric.name'] });
  const all: Hiding = { hidden: charts.charts.map((chart) => groupToken('chart', chart)), solo: null };
  expect(drawn(series, charts, all).size).toBe(0);
  expect([hidesCharts(all), hidesCharts(hideAll(grouping))]).toEqual([true, false]);
  const shown = revealed(all, a);
  expect(drawn(series, charts, shown).size).toBe(2);
  expect(drawn(series, charts, toggle(shown, a)).size).toBe(4);
});

test('all are hidden, to be shown one by one', () => {
  const all = hideAll(grouping);
  expect(names(all)).toEqual([]);
  expect(names(toggle(all, a))).toEqual(['a train', 'a val']);
});

test('a click on the legend ends showing one alone; the eye of a row does not', () => {
  expect(toggle({ hidden: [], solo: a }, b)).toEqual(ALL);
  expect(toggle({ hidden: [], solo: a }, val)).toEqual({ hidden: [val], solo: a });
  expect(toggle({ hidden: [], solo: a }, tokenAt(0))).toEqual({
    hidden: [tokenAt(0)],
    solo: a,
  });
});
