import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { DataSource } from '../../data/source';
import { Highlight } from '../../explorer/highlight';
import { newChart } from './board';
import { BoardCurves, xAxisOf } from './boardCurves';

const RUN = 'a'.repeat(32);
let asked: URLSearchParams[];
let curves: BoardCurves;

beforeEach(() => {
  vi.useFakeTimers();
  asked = [];
  const source: DataSource = {
    request: (path) => {
      asked.push(new URLSearchParams(path.slice(path.indexOf('?'))));
      return new Promise(() => undefined);
    },
    urlOf: (path) => path,
    follow: () => () => undefined,
  };
  curves = new BoardCurves(source, new Highlight());
});
afterEach(() => {
  curves.stop();
  vi.useRealTimers();
});

const line = (name: string, change: object = {}) => ({ ...newChart('line'), metrics: [name], ...change });
const rest = (): Promise<unknown> => vi.advanceTimersByTimeAsync(100);
const questions = (): string[] =>
  asked.map((query) => [query.get('q'), query.get('x'), query.get('smooth')].join(' | '));

test('charts with one axis, smoothing and condition share a request; only those in sight ask', async () => {
  curves.want({ runs: [RUN], sources: [''] });
  curves.see('1', line('loss'));
  curves.see('2', line('acc'));
  curves.see('3', { ...newChart('bar'), metrics: ['f1'] });
  curves.see('4', line('loss', { x: 'time', smoothing: 0.5 }));
  curves.see('5', line('loss', { where: 'context.subset == "val"' }));
  curves.see('6', line('out of sight'));
  curves.see('6', null);
  await rest();
  const all = 'if run.archived in (True, False)';
  expect(questions()).toEqual([
    `loss, acc, f1 ${all} | step | `,
    `loss ${all} | time | 0.5`,
    `loss ${all} and (context.subset == "val") | step | `,
  ]);
  expect(curves.axes).toEqual(['step', 'time']);
});

test('nothing is asked before the runs and their sources are known', async () => {
  curves.see('1', line('loss'));
  await rest();
  expect(asked).toEqual([]);
  curves.want({ runs: [RUN], sources: [''] });
  await rest();
  expect(questions()).toHaveLength(1);
});

test('what was tried on the way to a smoothing is forgotten, and what is in sight is not', () => {
  curves.see('1', line('loss'));
  const shown = curves.of(line('loss'));
  const tried = curves.of(line('loss', { smoothing: 0.01 }));
  for (let percent = 2; percent < 20; percent++) curves.of(line('loss', { smoothing: percent / 100 }));
  expect(curves.of(line('loss'))).toBe(shown);
  expect(curves.of(line('loss', { smoothing: 0.01 }))).not.toBe(tried);
});

test.each([
  ['time', 'time'],
  ['metric:acc', 'metric:acc'],
  ['of a newer version', 'step'],
])('the axis %s is %s', (given, expected) => expect(xAxisOf(given)).toBe(expected));
