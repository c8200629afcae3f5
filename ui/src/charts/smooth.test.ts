import { describe, expect, test } from 'vitest';
import cases from '../../../tests/query/smooth.json';
import { smooth } from './smooth';

const close = (got: Float64Array, wanted: readonly number[]) => {
  expect(got.length).toBe(wanted.length);
  wanted.forEach((value, i) =>
    Number.isFinite(value) ? expect((got[i] ?? NaN) / value).toBeCloseTo(1, 12) : expect(got[i]).toBe(value),
  );
};

describe('smoothing', () => {
  test.each(cases)('$kind of $amount over $values is $expected', ({ kind, amount, values, expected }) =>
    close(smooth(Float64Array.from(values, Number), { kind: kind as 'ema' | 'average', amount }), expected.map(Number)),
  );

  test('no smoothing hands back the same array', () => {
    const values = Float64Array.of(1, 2);
    expect(smooth(values, { kind: 'none', amount: 0.9 })).toBe(values);
    expect(smooth(values, { kind: 'ema', amount: 0 })).toBe(values);
    expect(smooth(values, { kind: 'average', amount: 1 })).toBe(values);
  });
});
