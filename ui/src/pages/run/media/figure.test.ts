import { describe, expect, test } from 'vitest';
import { readFigure } from './figure';

const text = (title: string): unknown => readFigure({ data: [], layout: { title } }).layout.title;

describe('texts keep the tags that plotly draws', () => {
  const cases: [string, string][] = [
    ['<b>Loss</b><br>x<sup>2</sup>', '<b>Loss</b><br>x<sup>2</sup>'],
    ['<span style="color:red">a</span>', '<span style="color:red">a</span>'],
    ['<span style="color: #0a7; font-size: 9px">a</span>', '<span style="color:#0a7">a</span>'],
    ['<span style="fill:url(https://example.org)">a</span>', '<span>a</span>'],
    ['<b style="color:url(x)">a</b>', '<b>a</b>'],
    ['<a href="https://example.org" popup="x">link</a>', 'link'],
    ['<A\nhref="x">link</A >', 'link'],
    ['<img src=x onerror=alert(1)>', '<img src=x onerror=alert(1)>'],
    ['1 < 2 and 3 > 2', '1 < 2 and 3 > 2'],
  ];
  test.each(cases)('%s', (given, expected) => expect(text(given)).toBe(expected));

  test('a text of signs alone takes no time', () => expect(text('<a '.repeat(400_000))).toHaveLength(5000));
});

describe('nothing is loaded from elsewhere', () => {
  const picture = 'data:image/png;base64,AAAA';
  const cases: [string, unknown, unknown][] = [
    ['a picture of its own', { images: [{ source: picture }] }, { images: [{ source: picture }] }],
    ['a foreign picture', { images: [{ source: 'https://example.org/x.png' }] }, { images: [{ source: '' }] }],
    ['one in a path', { 'images[0].source': '//example.org' }, { 'images[0].source': '' }],
    ['an SVG', { source: 'data:image/svg+xml;base64,AAAA' }, { source: '' }],
    ['a map in a button', { args: [{ type: 'scattergeo' }] }, { args: [{ type: 'scatter' }] }],
    ['links of a sankey are numbers', { source: [0, 1] }, { source: [0, 1] }],
    ['a prototype', JSON.parse('{"__proto__": {"harm": 1}, "a.constructor.b": 1, "c": 2}'), { c: 2 }],
  ];
  test.each(cases)('%s', (_, layout, expected) => expect(readFigure({ data: [], layout }).layout).toEqual(expected));

  test('maps are left out and named', () => {
    const { data, omitted } = readFigure({ data: [{ type: 'bar' }, { type: 'scattergeo' }, { type: 'scattermap' }] });
    expect([data, omitted]).toEqual([[{ type: 'bar' }], ['scattergeo', 'scattermap']]);
  });
});

test('the size counts packed numbers too', () => {
  const size = (y: unknown): number => readFigure({ data: [{ y }] }).size;
  expect(size(Array(1000).fill(1))).toBeGreaterThan(1000);
  expect(size({ dtype: 'f8', bdata: 'A'.repeat(10_000) })).toBeGreaterThan(900);
});

test.each([null, [], 'text', 3, { data: 'x' }])('%j is not a figure', (figure) => {
  expect(() => readFigure(figure)).toThrow('has no list "data"');
});
