import { assert, describe, expect, test } from 'vitest';
import { paintSparkline } from './sparkline';
import { SvgPen } from './svg';

function drawn(...values: number[]): string {
  const pen = new SvgPen(() => 0, 'a');
  paintSparkline(pen, Float64Array.from(values), { color: '#123456', width: 65, height: 25 });
  return pen.body;
}

describe('sparkline', () => {
  test('from edge to edge, with a dot at the end', () => {
    expect(drawn(0, 10, 5)).toContain('d="M2.5 22.5L32.5 2.5L62.5 12.5"');
    expect(drawn(0, 10, 5)).toContain('M64.5 12.5A2 2');
  });

  test('broken where a value is missing, its dot at the last there is', () => {
    expect(drawn(0, 1, NaN, 0, 1, NaN)).toContain('M2.5 22.5L14.5 2.5M38.5 22.5L50.5 2.5');
    expect(drawn(0, 1, NaN)).toContain('M34.5 2.5A');
  });

  test('a flat line in the middle, nothing of nothing', () => {
    expect(drawn(3, 3)).toContain('d="M2.5 12.5L62.5 12.5"');
    expect([drawn(), drawn(NaN, Infinity)]).toEqual(['', '']);
  });

  test('a spike among many values stays', () => {
    const values = Array.from({ length: 100_000 }, (_, i) => (i === 54_321 ? 9 : 1));
    const path = /d="([^"]+)"/.exec(drawn(...values))?.[1];
    assert(path);
    expect(path).toContain(' 2.5');
    expect(path.split('L').length).toBeLessThan(400);
  });
});
