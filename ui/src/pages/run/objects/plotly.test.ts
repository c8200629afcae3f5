import { describe, expect, test } from 'vitest';
import { readPlot } from './plotly';

const drawn = (data: unknown, layout: unknown = {}): unknown[] =>
  readPlot({ data, layout }).traces.map(({ name, x, y }) => [name, [...x], [...y]]);

const bytes = (values: Float64Array): string => btoa(String.fromCharCode(...new Uint8Array(values.buffer)));

describe('traces that can be drawn', () => {
  const cases: [string, unknown, unknown][] = [
    ['a line', [{ type: 'scatter', name: 'a', x: [1, 2], y: [3, 4] }], [['a', [1, 2], [3, 4]]]],
    ['from right to left', [{ x: [2, 1], y: [4, 3], name: 'a' }], [['a', [1, 2], [3, 4]]]],
    ['lines with markers', [{ mode: 'lines+markers', x: [1, 2], y: [3, 4], name: 'a' }], [['a', [1, 2], [3, 4]]]],
    ['markers alone are not', [{ mode: 'markers', x: [1, 2], y: [3, 4] }], []],
    ['a curve that goes back is not', [{ x: [1, 2, 1], y: [3, 4, 5] }], []],
    ['without x', [{ y: [5, 6] }], [['trace 0', [0, 1], [5, 6]]]],
    ['gaps', [{ x: [1, 2], y: [null, 1], name: 'a' }], [['a', [1, 2], [NaN, 1]]]],
    ['of unequal lengths', [{ x: [1, 2, 3], y: [1], name: 'a' }], [['a', [1], [1]]]],
    ['packed', [{ name: 'a', y: { dtype: 'f8', bdata: bytes(Float64Array.of(1.5, 2)) } }], [['a', [0, 1], [1.5, 2]]]],
    ['bars are not', [{ type: 'bar', x: [1], y: [1] }], []],
    ['dates are not', [{ x: ['2026-01-01'], y: [1] }], []],
    ['nonsense is not', [{ x: 'harm', y: { dtype: 'f8', bdata: '*' } }, null, 7], []],
  ];
  test.each(cases)('%s', (_, data, expected) => expect(drawn(data)).toEqual(expected));
});

test('titles are words without markup, and other traces are named', () => {
  const plot = readPlot({
    data: [{ type: 'heatmap', z: [[1]] }, { y: [1] }, {}, { type: 'scatter', mode: 'markers', y: [1] }],
    layout: {
      title: { text: '<b>Loss</b> <img src=x onerror=alert(1)>' },
      xaxis: { title: 'x' },
      yaxis: { title: { text: 'y' } },
    },
  });
  expect([plot.title, plot.xLabel, plot.yLabel]).toEqual(['Loss ', 'x', 'y']);
  expect(plot.others).toEqual(['heatmap', 'unknown', 'scatter of markers']);
});

test('a title of signs alone takes no time', () => {
  expect(readPlot({ data: [], layout: { title: '<'.repeat(400_000) } }).title.length).toBe(300);
});

test.each([null, [], 'text', 3, { data: 'x', layout: 'y' }])('%j is no figure', (figure) => {
  expect(readPlot(figure).traces).toEqual([]);
});
