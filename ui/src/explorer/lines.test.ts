import { expect, test } from 'vitest';
import { smooth } from '../charts/smooth';
import type { Series } from '../data/result';
import { resultOf, runRow } from '../data/testing';
import { itemAt } from '../text/lists';
import { Aggregates, bundlesOf } from './bundles';
import { group } from './grouping';
import { bundleLines, drawnLine, smoothingOf, withoutDetail, type LineContext } from './lines';

const { items } = resultOf(['a', 'b'].map((id) => ({ run: runRow(id), series: [{ name: 'loss', y: [4, 8, 0] }] })));
const whole = itemAt(items, 0);
const sampled: Series = { ...whole, sampled: true, count: 200_000 };
/** As the server would smooth all points: not what the three points above give. */
const fine: Series = { ...sampled, smoothed: Float64Array.of(1, 2, 3) };
const smoothing = smoothingOf({ smooth: 0.5, average: 1 });
const drawing = (series: readonly Series[], part: Partial<LineContext> = {}): LineContext => ({
  shown: new Set(series.map(({ key }) => key)),
  detail: new Map(),
  smoothing,
  marker: () => ({ color: '#000', dash: [] }),
  ...part,
});
const detailOf = (series: Series): LineContext['detail'] => new Map([[series.key, series]]);

test.each([
  ['a whole series is smoothed here', whole, new Map(), smooth(whole.y, smoothing)],
  ['also while only a window of it is loaded', whole, detailOf(fine), smooth(whole.y, smoothing)],
  ['a sampled one is smoothed by the server', sampled, detailOf(fine), fine.smoothed],
  ['and not at all before its answer', sampled, detailOf(sampled), sampled.y],
  ['older averages stay until newer ones arrive', { ...sampled, count: 300_000 }, detailOf(fine), fine.smoothed],
])('%s', (_, series, detail, smoothed) => {
  expect([...(drawnLine(series, drawing([series], { detail })).smoothed ?? [])]).toEqual([...(smoothed ?? [])]);
});

test('without smoothing a line has no averages', () => {
  const off = smoothingOf({ smooth: 0, average: 1 });
  expect(drawnLine(sampled, drawing([sampled], { smoothing: off, detail: detailOf(fine) })).smoothed).toBeUndefined();
});

test.each([
  [0.5, new Map(), 'Long lines are not smoothed.'],
  [0, new Map(), 'Long lines are drawn with fewer points.'],
  [0.5, detailOf(fine), 'Long lines may lack their newest points.'],
])('what lines lack with the factor %d', (smooth, detail, text) =>
  expect(withoutDetail(smoothingOf({ smooth, average: 1 }), detail)).toBe(text),
);

test('a group is the mean of its smoothed members', () => {
  const members = [sampled, { ...itemAt(items, 1), sampled: true }];
  const detail = new Map(
    members.map((series, at) => [series.key, { ...series, smoothed: Float64Array.of(1 + at, 2 + at, 3 + at) }]),
  );
  const bundles = bundlesOf(group(members, { color: [], stroke: [], chart: [] }));
  const options = { line: 'mean', area: 'minmax' } as const;
  const grouped = { aggregates: new Aggregates(), options, open: [] };
  const [line] = bundleLines(bundles, drawing(members, { detail }), grouped, 'linear');
  expect([line?.smoothed, line?.low, line?.high, line?.y].map((values) => [...(values ?? [])])).toEqual([
    [1.5, 2.5, 3.5],
    [1, 2, 3],
    [2, 3, 4],
    [4, 8, 0],
  ]);
});
