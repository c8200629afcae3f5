import { assert, describe, expect, test } from 'vitest';
import { linearRegression, loess, trendOf } from './trend';

/**
 * Made and measured with numpy, scipy 1.18.1 and statsmodels 0.15.0:
 *   i = np.arange(24); x = (i * 7 % 24) + (i % 3) / 4; y = np.sin(x / 4) * 3 + x * 0.2 + ((i * 11) % 5) / 5
 *   r = scipy.stats.linregress(x, y); r.slope, r.intercept, r.rvalue ** 2
 *   sm.nonparametric.lowess(y, x, frac=frac, it=0, delta=0.0)[::3]
 */
const X = Float64Array.from({ length: 24 }, (_, i) => ((i * 7) % 24) + (i % 3) / 4);
const Y = X.map((x, i) => Math.sin(x / 4) * 3 + x * 0.2 + ((i * 11) % 5) / 5);
const LINEAR = {
  slope: -0.052083932982432135,
  intercept: 3.3736575850097372,
  r: -0.26550260535516346,
  r2: 0.07049163345037968,
};
const AT = [0, 3, 6, 9, 12, 15, 18, 21];
const LOWESS: readonly (readonly [number, readonly number[]])[] = [
  [
    0.66,
    [
      1.4927332093367338, 2.7169959867393785, 3.7661971284088107, 3.990581694930454, 3.132585637832472,
      2.097607196759768, 1.8817970702723894, 2.155030821406016,
    ],
  ],
  [
    0.3,
    [
      0.1684040351058509, 3.1293818903619384, 4.507246373970769, 4.359627424378752, 3.1987619239260896,
      1.869547203044701, 1.1731999371252595, 2.0285573036334315,
    ],
  ],
];

describe('trend', () => {
  test('a straight line against scipy', () => {
    const made = linearRegression(X, Y);
    assert(made);
    expect(made.slope).toBeCloseTo(LINEAR.slope, 12);
    expect(made.intercept).toBeCloseTo(LINEAR.intercept, 12);
    expect(made.r).toBeCloseTo(LINEAR.r, 12);
    expect(made.r2).toBeCloseTo(LINEAR.r2, 12);
    expect(made.count).toBe(24);
  });

  test('two ends draw it', () => {
    const made = trendOf('linear', X, Y);
    assert(made);
    expect([...made.x]).toEqual([0, 23.5]);
    expect(made.y[1]).toBeCloseTo(LINEAR.intercept + 23.5 * LINEAR.slope, 12);
  });

  test.each(LOWESS)('local fits of bandwidth %d against statsmodels', (bandwidth, wanted) => {
    const made = loess(X, Y, bandwidth);
    const fitted = AT.map((at) => made.y[made.x.indexOf(at)] ?? NaN);
    wanted.forEach((value, i) => expect(fitted[i]).toBeCloseTo(value, 7));
    expect(made.r2).toBeGreaterThan(LINEAR.r2);
  });

  test.each([
    ['nothing', [], []],
    ['one x', [2, 2], [1, 3]],
    ['not finite', [1, NaN, 3], [1, 2, Infinity]],
  ])('no trend of %s', (_, x, y) => expect([linearRegression(x, y), trendOf('loess', x, y)]).toEqual([null, null]));

  test('values that do not vary have no r2', () => expect(linearRegression([1, 2], [3, 3])?.r2).toBeNaN());

  test('two points have a straight trend, equal x are fitted once, few with places between', () => {
    expect(trendOf('loess', [1, 2], [3, 5])?.y).toEqual(Float64Array.of(3, 5));
    const made = trendOf('loess', [0, 0, 0, 1, 1, 1], [1, 2, 3, 4, 5, 6]);
    assert(made);
    expect([made.x.length, made.x[0], made.x.at(-1)]).toEqual([60, 0, 1]);
    expect([...made.y].every(Number.isFinite)).toBe(true);
  });

  test('of ten thousand points two hundred places are fitted', () => {
    const x = Float64Array.from({ length: 10_000 }, (_, i) => i / 1000);
    const made = loess(
      x,
      x.map((value) => value * 2 + 1),
      0.66,
    );
    expect(made.x.length).toBe(200);
    expect(made.r2).toBeCloseTo(1, 9);
  });
});
