import { describe, expect, test } from 'vitest';
import { confidenceFactor, logGamma, studentCdf, studentQuantile } from './student';

/** scipy 1.18.1: `float(scipy.stats.t.ppf(p, freedom))` */
const QUANTILES: readonly (readonly [number, number, number])[] = [
  [0.975, 1, 12.706204736174694],
  [0.975, 2, 4.302652729749462],
  [0.975, 3, 3.1824463052837078],
  [0.975, 4, 2.7764451051977934],
  [0.975, 9, 2.262157162798205],
  [0.975, 29, 2.045229642132703],
  [0.975, 999, 1.9623414611334493],
  [0.025, 4, -2.7764451051977943],
  [0.9, 7, 1.4149239276505086],
  [0.995, 12, 3.0545395893929013],
  [0.999, 2.5, 13.82219311086596],
  [0.6, 1_000_000, 0.25334717053784184],
  [0.5, 3, 0],
];

/** scipy 1.18.1: `float(scipy.stats.t.cdf(t, freedom))` */
const PARTS: readonly (readonly [number, number, number])[] = [
  [-3, 2, 0.04773298313335456],
  [-0.5, 1, 0.35241638234956674],
  [0, 5, 0.5],
  [1, 10, 0.8295534338489701],
  [2.5, 3, 0.9561466764959672],
  [4, 120, 0.9999450280786879],
];

describe('student', () => {
  test.each(QUANTILES)('quantile %d of %d degrees', (p, freedom, wanted) =>
    expect(studentQuantile(p, freedom)).toBeCloseTo(wanted, 8),
  );

  test.each(PARTS)('the part below %d with %d degrees', (t, freedom, wanted) =>
    expect(studentCdf(t, freedom)).toBeCloseTo(wanted, 12),
  );

  test.each([
    [0.975, 0],
    [1.2, 3],
    [NaN, 3],
  ])('no quantile of p %d with %d degrees', (p, freedom) => expect(studentQuantile(p, freedom)).toBeNaN());

  test('the whole is below infinity', () => expect(studentQuantile(1, 3)).toBe(Infinity));

  test('a confidence interval takes n - 1 degrees', () => {
    expect(confidenceFactor(5)).toBeCloseTo(2.7764451051977934, 10);
    expect(confidenceFactor(1)).toBeNaN();
  });

  test.each([
    [0.5, Math.log(Math.PI) / 2],
    [1, 0],
    [10, Math.log(362880)],
    [0.25, 1.2880225246980774],
  ])('log gamma of %d', (x, wanted) => expect(logGamma(x)).toBeCloseTo(wanted, 12));
});
