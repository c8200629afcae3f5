import { describe, expect, test } from 'vitest';
import page from '../../../../docs/explorer.md?raw';
import { parse, serialize } from './url';
import { DEFAULT_VIEW, type View } from './view';

const VIEWS: [string, Partial<View>][] = [
  ['a query with everything that URLs dislike', { q: 'loss, "a/b" if x == "é & ü #%+=🙂" and y < 3' }],
  ['an empty query', { q: '' }],
  ['no grouping at all', { color: [], stroke: [], chart: [] }],
  ['odd field names', { color: ['params.a,b', 'params. c', 'context.d=e'], chart: ['run.tags'] }],
  ['process time', { x: 'process', passes: true }],
  ['axes', { x: 'relative', logX: true, logY: true, smooth: 0.85, clip: true }],
  ['a metric as axis', { x: 'metric:a b:c' }],
  ['ends of axes', { xEnds: [0, null], yEnds: [-1e-9, 3] }],
  ['a zoom of x', { zoom: [{ x: [-1.5e-7, 2e21], y: null, chart: null }] }],
  ['a zoom of y', { zoom: [{ x: null, y: [0.1, 0.30000000000000004], chart: 'k~1' }] }],
  [
    'several zooms',
    {
      zoom: [
        { x: [1, 2], y: [-3, 4], chart: 'abc' },
        { x: [1.1, 1.9], y: null, chart: null },
      ],
    },
  ],
  ['a pin', { pin: { key: '0abc', x: -0.25 } }],
  ['groups', { group: true, line: 'iqm', area: 'ci95', open: ['gabc', 'gdef'], allBut: ['color'], off: ['stroke'] }],
  [
    'looks',
    { keep: ['color', 'stroke'], seed: 7, palette: 'many', average: 9, curve: true, lit: 'none', rows: 'small' },
  ],
  ['a tooltip', { tip: ['params.a~b'], tipAt: 'top' }],
  ['an empty tooltip', { tip: [], tipAt: 'off' }],
  [
    'columns',
    { without: ['min'], left: ['last', 'params.x'], right: ['run.tags'], order: ['max'], widths: [['params.~', 81]] },
  ],
  [
    'a sorted table',
    {
      sort: [
        { column: 'last', descending: true },
        { column: 'params.-x', descending: false },
      ],
      find: ' adam ',
      diff: true,
    },
  ],
  ['a color scale', { scale: true, scaled: ['params.seed'] }],
  ['a way to drag', { drag: 'once' }],
  ['hidden lines', { hidden: ['sabc', 'cdef', 'kghi'], solo: 'cdef', legend: false, legendWidth: 312, split: 0.35 }],
  ['a table alone', { split: 0 }],
];

describe('a view in the address bar', () => {
  test.each(VIEWS)('keeps %s', (_, part) => {
    const view = { ...DEFAULT_VIEW, ...part };
    expect(parse(serialize(view))).toEqual(view);
  });

  test('is short where nothing was changed', () => {
    expect(serialize(DEFAULT_VIEW)).toBe('');
    expect(serialize({ ...DEFAULT_VIEW, q: 'loss' })).toBe('?q=loss');
  });

  test.each([
    ['?x=sideways&smooth=lots&split=&logX=yes&zoom=1~x&unknown=1', {}],
    ['?smooth=7&split=-3', { smooth: 0.99, split: 0 }],
    ['?zoom=5~5', {}],
    ['?zoom=1~2~9~3~c', { zoom: [{ x: [1, 2], y: null, chart: null }] }],
    ['?xEnds=5~1&yEnds=a~2&pin=x&widths=1~a&widths=50~', { yEnds: [null, 2], widths: [['', 50]] }],
    ['?sort=-', {}],
  ])('reads what it can of %s', (query, part) => {
    expect(parse(query)).toEqual({ ...DEFAULT_VIEW, ...part });
  });
});

test.each(Object.keys(DEFAULT_VIEW))('docs/explorer.md says what %s means', (name) => {
  expect(page).toContain(`\`${name}\``);
});

test('a page that shows something else without a word leaves out just that', () => {
  const standard = { ...DEFAULT_VIEW, color: [] };
  expect(serialize(standard, standard)).toBe('');
  expect(parse('', standard).color).toEqual([]);
  const view = { ...standard, color: ['run.hash'] };
  expect(parse(serialize(view, standard), standard)).toEqual(view);
});
