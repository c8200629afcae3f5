import { describe, expect, test } from 'vitest';
import type { Dashboard } from '../../wire';
import { contentOf, lacking, metricsOf, moved, newChart, resized, sameContent, titleOf } from './board';
import { boardAfter, isChanged, type BoardState } from './useBoard';

const LINE = { ...newChart('line'), metrics: ['loss'] };
const SCATTER = { ...newChart('scatter'), axes: ['hparams.lr', 'metric:loss'] };

test.each([
  [LINE, 'loss', null],
  [newChart('line'), 'Line chart', 'Choose a metric.'],
  [{ ...LINE, metrics: ['loss', 'acc'], title: 'Both' }, 'Both', null],
  [{ ...newChart('number'), metrics: ['acc'], value: 'max' as const }, 'acc (max)', null],
  [SCATTER, 'loss over hparams.lr', null],
  [{ ...SCATTER, axes: ['hparams.lr'] }, 'hparams.lr', 'Choose two axes.'],
  [{ ...newChart('text'), text: '\n## Plan\nmore' }, 'Plan', null],
  [{ ...newChart('text'), text: ' ' }, 'Text', 'Write a text, or choose tracked texts.'],
  [newChart('image'), 'Images', 'Choose the images.'],
])('what a chart is called, and what it lacks', (chart, title, lacks) => {
  expect([titleOf(chart), lacking(chart)]).toEqual([title, lacks]);
});

test('metrics whose points are needed', () => {
  expect([LINE, SCATTER, { ...newChart('image'), metrics: ['samples'] }].map(metricsOf)).toEqual([
    ['loss'],
    ['loss'],
    [],
  ]);
});

test.each([
  [0, 2, 'bca'],
  [2, 0, 'cab'],
  [1, 1, 'abc'],
  [0, 9, 'bca'],
  [9, 0, 'abc'],
])('the chart at %i moves to %i', (from, to, expected) => expect(moved([...'abc'], from, to).join('')).toBe(expected));

test('a size stays within the grid', () => {
  const { width, height } = resized(LINE, 9, 0);
  expect([width, height]).toEqual([6, 1]);
});

const saved = (edited_at: number, ...names: string[]): Dashboard => ({
  id: 'a0',
  name: 'Main',
  runs: '',
  newest: 20,
  edited_at,
  charts: names.map((name) => ({ ...LINE, metrics: [name] })),
});

describe('a dashboard that is edited', () => {
  const open = (board: Dashboard): BoardState => boardAfter(null, { does: 'hear', board }) as BoardState;
  const after = (state: BoardState, ...does: Parameters<typeof boardAfter>[1][]): BoardState =>
    does.reduce<BoardState>((last, action) => boardAfter(last, action) as BoardState, state);
  const names = ({ content }: BoardState): string => content.charts.map(({ chart }) => chart.metrics[0]).join('');
  const without = (state: BoardState): Parameters<typeof boardAfter>[1] => ({
    does: 'change',
    content: { ...state.content, charts: state.content.charts.slice(1) },
  });

  test('steps go back and forth, and nothing is left to save', () => {
    const start = open(saved(1, 'a', 'b'));
    const less = after(start, without(start));
    expect([names(less), isChanged(less)]).toEqual(['b', true]);
    const back = after(less, { does: 'undo' });
    expect([names(back), isChanged(back)]).toEqual(['ab', false]);
    expect(names(after(back, { does: 'redo' }))).toBe('b');
    expect(names(after(start, { does: 'undo' }))).toBe('ab');
    expect(names(after(less, { does: 'discard' }))).toBe('ab');
  });

  test('a version of someone else is taken, or told where it would overwrite changes', () => {
    const start = open(saved(1, 'a', 'b'));
    const taken = after(start, { does: 'hear', board: saved(2, 'b', 'c') });
    expect([names(taken), taken.newer]).toEqual(['bc', null]);
    expect(taken.content.charts[0]?.key).toBe(start.content.charts[1]?.key);
    const told = after(start, without(start), { does: 'hear', board: saved(2, 'c') });
    expect([names(told), told.newer?.edited_at]).toEqual(['b', 2]);
    expect(names(after(told, { does: 'discard' }))).toBe('c');
  });

  test('what is saved here is not news', () => {
    const start = open(saved(1, 'a', 'b'));
    const less = after(start, without(start));
    const kept = after(less, { does: 'saved', board: saved(2, 'b') }, { does: 'hear', board: saved(2, 'b') });
    expect([names(kept), isChanged(kept), kept.past.length]).toEqual(['b', false, 1]);
    expect(kept.content).toBe(less.content);
  });

  test('keys are no difference', () => {
    const [one, other] = [contentOf(saved(1, 'a')), contentOf(saved(1, 'a'))];
    expect(one.charts[0]?.key).not.toBe(other.charts[0]?.key);
    expect(sameContent(one, other)).toBe(true);
  });
});
