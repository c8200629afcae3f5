import { expect, test, vi } from 'vitest';
import { resultOf, runRow } from '../../data/testing';
import type { DashboardChart } from '../../wire';
import { newChart } from './board';

vi.stubGlobal('window', { addEventListener: () => undefined });
const { explorerAddress, viewOf, withView } = await import('./explorerAddress');

const RUN = 'a'.repeat(32);
const LINE: DashboardChart = { ...newChart('line'), metrics: ['loss'] };
const ON = `run.id in ("${RUN}") and run.archived in (True, False)`;
const SERIES = resultOf([
  {
    run: runRow(RUN),
    series: [
      { name: 'loss', context: { subset: 'val' }, y: [1] },
      { name: 'loss', context: { subset: 'train' }, y: [1] },
    ],
  },
]).items;

const paramsOf = (address: string | null): Record<string, string[]> => {
  const given = new URLSearchParams(address ?? '');
  return Object.fromEntries([...new Set(given.keys())].map((name) => [name, given.getAll(name)]));
};

test.each<[DashboardChart, Record<string, string[]>]>([
  [LINE, { q: [`loss if ${ON}`] }],
  [
    { ...LINE, where: 'lr > 1', y_scale: 'log', smoothing: 0.5, ignore_outliers: true },
    { q: [`loss if ${ON} and (lr > 1)`], logY: ['1'], smooth: ['0.5'], clip: ['1'] },
  ],
  [{ ...newChart('bar'), metrics: ['acc'] }, { q: [`acc if ${ON}`] }],
  [
    { ...newChart('scatter'), axes: ['hparams.lr', 'metric:loss'], value: 'min' },
    { page: ['scatter'], q: [ON], px: ['params.hparams.lr'], py: ['metrics.min.loss subset=train'] },
  ],
  [
    { ...newChart('parallel'), axes: ['hparams.lr', 'metric:acc'] },
    { page: ['params'], q: [ON], axis: ['params.hparams.lr', 'metrics.last.acc'] },
  ],
])('the explorer shows %o', (chart, expected) => {
  const found = paramsOf(explorerAddress(chart, [RUN], [''], SERIES));
  expect(found).toMatchObject(expected);
});

test('several metrics share one chart, as on the dashboard', () => {
  expect(viewOf({ ...LINE, metrics: ['loss', 'acc'] })).toMatchObject({
    chart: [],
    stroke: ['metric.name', 'context'],
  });
});

test.each<[DashboardChart, readonly string[]]>([
  [{ ...newChart('text'), text: 'Plan' }, [RUN]],
  [LINE, []],
])('no explorer shows it', (chart, runs) => expect(explorerAddress(chart, runs, [''], SERIES)).toBeNull());

test.each<DashboardChart>([
  LINE,
  { ...LINE, x: 'time', x_scale: 'log', y_scale: 'linear', x_range: [1, null], y_range: [null, 3], smoothing: 0.3 },
])('a view that nobody changed changes nothing', (chart) => expect(withView(chart, viewOf(chart))).toEqual(chart));

test('what was tried in the explorer becomes the chart', () => {
  const view = { ...viewOf(LINE), logX: true, logY: false, xEnds: [0, 9] as const, smooth: 0.9, clip: true };
  expect(withView(LINE, view)).toEqual({
    ...LINE,
    x_scale: 'log',
    y_scale: 'linear',
    x_range: [0, 9],
    smoothing: 0.9,
    ignore_outliers: true,
  });
});
