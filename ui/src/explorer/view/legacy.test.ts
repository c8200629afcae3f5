import { describe, expect, test } from 'vitest';
import { resultOf, runRow } from '../../data/testing';
import { pinPlaced, zoomPlaced } from './places';
import { parse, serialize } from './url';
import { DEFAULT_VIEW } from './view';

const link = (state: unknown): string => `?search=${btoa(JSON.stringify(state))}`;
const search = { query: 'loss', v: 1 };
const persistent = (settings: object): object => ({ chart: { settings: { persistent: settings } }, search });

/** The content of the four links in the first README; `tests/ui/test_links.py` opens the links themselves. */
describe('a link of Aim 2', () => {
  test('keeps query, grouping and aggregation', () => {
    const state = {
      search: { query: 'bleu if context.subset == test', v: 1 },
      contextFilter: {
        groupByColor: ['params.hparams.align', 'params.dataset.preproc'],
        groupByChart: ['params.hparams.align'],
        groupByStyle: [],
        aggregated: true,
      },
    };
    expect(parse(link(state))).toEqual({
      ...DEFAULT_VIEW,
      q: 'bleu if context.subset == test',
      color: ['params.hparams.align', 'params.dataset.preproc'],
      chart: ['params.hparams.align'],
      stroke: [],
      group: true,
    });
  });

  test.each([
    ['the outermost of nested settings', { yScale: 1, persistent: { yScale: 0 } }, { logY: true }],
    ['a nested setting', { persistent: { persistent: { interpolate: true } } }, { curve: true }],
    ['outliers', { displayOutliers: false }, { clip: true }],
    ['no zoom', { zoom: null, persistent: { zoom: { 0: { x: [1, 2] } } } }, {}],
    [
      'windows of charts',
      { zoom: { 0: { x: [3, 9], y: [0, 1] }, 1: { x: [2, 5], y: [0, 7] } } },
      { zoom: [{ x: [2, 9], y: null, chart: null }] },
    ],
    [
      'the height of one window',
      { zoom: { 0: { x: [3, 9] }, 1: { x: [2, 5], y: [0, 7] } } },
      { zoom: [{ x: [2, 9], y: [0, 7], chart: '#1' }] },
    ],
  ])('reads %s', (_, settings, part) => {
    expect(parse(link(persistent(settings)))).toEqual({ ...DEFAULT_VIEW, q: 'loss', stroke: [], chart: [], ...part });
  });

  test('keeps the point that was held', () => {
    const circle = {
      active: true,
      runHash: 'run 3',
      metricName: 'loss',
      traceContext: btoa('{"subset":"val"}'),
      step: 12,
    };
    const { pin } = parse(link({ search, chart: { focused: { circle } } }));
    const { items: series } = resultOf([
      { run: runRow('a', { hash: 'run 2' }), series: [{ name: 'loss', context: { subset: 'val' }, y: [1] }] },
      {
        run: runRow('b', { hash: 'run 3' }),
        series: [
          { name: 'loss', context: { subset: 'train' }, y: [1] },
          { name: 'loss', context: { subset: 'val' }, y: [1] },
        ],
      },
    ]);
    expect(pinPlaced(pin, series)).toEqual({ key: series[2]?.key, x: 12 });
    expect(pinPlaced(pin, series.slice(0, 2))).toBeNull();
    expect(parse(serialize({ ...DEFAULT_VIEW, pin })).pin).toEqual(pin);
    expect(parse(link({ search, chart: { focused: { circle: { ...circle, active: false } } } })).pin).toBeNull();
  });

  test.each(['', 'not base64!', btoa('{'), btoa('[]'), btoa('{"search":{"query":7}}'), btoa('null')])(
    'that cannot be read (%j) is an empty page',
    (text) => expect(parse(`?search=${text}`)).toEqual(DEFAULT_VIEW),
  );

  test('is written as a link of today', () => {
    expect(serialize(parse(link({ search })))).toBe('?q=loss&stroke=&chart=');
  });
});

test.each([
  ['a key of today stays', 'abc', 'abc', [0, 7]],
  ['the second chart', '#1', 'two', [0, 7]],
  ['a chart that is not there', '#5', null, null],
])('the zoom of %s', (_, chart, key, y) => {
  const zoom = { x: [2, 9], y: [0, 7], chart } as const;
  expect(zoomPlaced(zoom, [{ key: 'one' }, { key: 'two' }])).toEqual({ x: [2, 9], y, chart: key });
});
