import { describe, expect, test } from 'vitest';
import { sheetSVG, type Drawable, type ExportSheet } from './sheet';
import { lightTheme } from './theme';

const ruler = (text: string) => text.length * 6;
const box: Drawable = { drawTo: (pen, width, height) => pen.fillRect(0, 0, width, height) };
const sheet = (more: Partial<ExportSheet>): string =>
  sheetSVG({ panels: [{ chart: box }], theme: lightTheme, width: 400, chartHeight: 100, ...more }, ruler);
const placed = (svg: string) =>
  [...svg.matchAll(/translate\(([\d.]+) ([\d.]+)\)/g)].map((m) => [Number(m[1]), Number(m[2])]);

describe('sheet', () => {
  test('a chart alone fills it', () => {
    const svg = sheet({});
    expect(svg).toContain('<svg xmlns="http://www.w3.org/2000/svg" width="400" height="100" viewBox="0 0 400 100">');
    expect(svg).toContain('<rect x="0" y="0" width="400" height="100" fill="#000000"/>');
  });

  test.each([
    [2, 2, 176],
    [4, 2, 176],
    [5, 3, (400 - 2 * 16 - 2 * 16) / 3],
  ])('%d charts in %d columns', (count, columns, width) => {
    const svg = sheet({ panels: Array.from({ length: count }, () => ({ chart: box })) });
    const places = placed(svg);
    expect(new Set(places.map(([x]) => x)).size).toBe(columns);
    expect(new Set(places.map(([, y]) => y)).size).toBe(Math.ceil(count / columns));
    expect(svg).toContain(`width="${Math.round(width * 100) / 100}" height="100"`);
  });

  test('titles and legends are text, whatever they say', () => {
    const svg = sheet({
      title: '<img onerror=x>',
      panels: [{ title: '</text><script>', chart: box }],
      legend: [{ title: 'a&b', items: [{ label: '"x"', color: '#123456', dash: [6, 4] }, { label: 'plain' }] }],
    });
    expect(svg).toContain('<title>&lt;img onerror=x&gt;</title>');
    expect(svg).toContain('>&lt;/text&gt;&lt;script&gt;</text>');
    expect(svg).toContain('>a&amp;b</text>');
    expect(svg).toContain('stroke="#123456"');
    expect(svg).toContain('stroke-dasharray="6 4"');
    expect(svg).not.toMatch(/<(script|img)/);
  });

  test('a long legend says how much it leaves out, a long label is cut', () => {
    const items = Array.from({ length: 100 }, (_, i) => ({ label: `run ${i}` }));
    expect(sheet({ legend: [{ title: '', items }] })).toContain('>and 40 more</text>');
    expect(sheet({ title: 'x'.repeat(500) })).toMatch(/>x+…<\/text>/);
  });
});
