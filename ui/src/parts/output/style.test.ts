import { describe, expect, test } from 'vitest';
import { contrast, legible, PLAIN, sgr, styleOf, tableColor, type TextStyle } from './style';

describe('sequences', () => {
  const cases: [numbers: string, from: Partial<TextStyle>, to: Partial<TextStyle>][] = [
    ['1', {}, { bold: true }],
    ['1;31', {}, { bold: true, fore: 1 }],
    ['', { bold: true, fore: 1 }, {}],
    ['0;4', { bold: true }, { underline: true }],
    ['22', { bold: true, faint: true }, {}],
    ['39;49', { fore: 1, back: 2 }, {}],
    ['91;102', {}, { fore: 9, back: 10 }],
    ['38;5;196', {}, { fore: '#ff0000' }],
    ['48;5;3', {}, { back: 3 }],
    ['38;5;244', {}, { fore: '#808080' }],
    ['38;2;1;2;3;1', {}, { fore: '#010203', bold: true }],
    ['38:2::1:2:3', {}, { fore: '#010203' }],
    ['38:2:1:2:3;1', {}, { fore: '#010203', bold: true }],
    ['48:5:196', {}, { back: '#ff0000' }],
    ['38;2;999;0;0', {}, { fore: '#ff0000' }],
    ['4:3', {}, { underline: true }],
    ['38', { fore: 1 }, { fore: 1 }],
    ['38;5;400', {}, {}],
    ['5;8;73', {}, {}],
    ['7;9;3', {}, { inverse: true, strike: true, italic: true }],
  ];
  test.each(cases)('%s', (numbers, from, to) => {
    expect(sgr({ ...PLAIN, ...from }, numbers)).toEqual({ ...PLAIN, ...to });
  });
});

test('the table of 256 colors', () => {
  expect([7, 16, 231, 232, 255].map(tableColor)).toEqual([7, '#000000', '#ffffff', '#080808', '#eeeeee']);
});

test('every color can be read on light and dark', () => {
  for (let at = 0; at < 256; at++) {
    const color = tableColor(at);
    for (const [theme, paper] of [
      ['light', '#ffffff'],
      ['dark', '#141519'],
    ] as const) {
      const style = styleOf({ ...PLAIN, fore: color }, theme);
      expect(contrast(String(style?.color), paper)).toBeGreaterThan(4.5);
      const on = styleOf({ ...PLAIN, back: color, faint: true }, theme);
      expect(contrast(String(on?.color), String(on?.background))).toBeGreaterThan(4.5);
    }
  }
  expect(legible('#000000', '#ffffff')).toBe('#000000');
});

test('plain text has no style, and inverse swaps', () => {
  expect(styleOf(PLAIN, 'light')).toBeUndefined();
  expect(styleOf({ ...PLAIN, inverse: true }, 'light')).toEqual({ background: '#18181d', color: '#ffffff' });
});
