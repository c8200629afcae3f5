/** Student's t distribution: what a confidence interval of few values needs. */
const EPSILON = 1e-15;
const TINY = 1e-300;
const LANCZOS_START = 0.99999999999980993;
const LANCZOS = [
  676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059, 12.507343278686905,
  -0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7,
];

export function logGamma(x: number): number {
  if (x < 0.5) return Math.log(Math.PI / Math.sin(Math.PI * x)) - logGamma(1 - x);
  const t = x + 6.5;
  const sum = LANCZOS.reduce((total, factor, i) => total + factor / (x + i), LANCZOS_START);
  return 0.5 * Math.log(2 * Math.PI) + (x - 0.5) * Math.log(t) - t + Math.log(sum);
}

/** Regularized incomplete beta function, by its continued fraction (Lentz). */
export function incompleteBeta(a: number, b: number, x: number): number {
  if (x <= 0) return 0;
  if (x >= 1) return 1;
  if (x > (a + 1) / (a + b + 2)) return 1 - incompleteBeta(b, a, 1 - x);
  const front = Math.exp(logGamma(a + b) - logGamma(a) - logGamma(b) + a * Math.log(x) + b * Math.log1p(-x)) / a;
  return front * betaFraction(a, b, x);
}

function betaFraction(a: number, b: number, x: number): number {
  const guarded = (value: number) => (Math.abs(value) < TINY ? TINY : value);
  let c = 1;
  let d = 1 / guarded(1 - ((a + b) * x) / (a + 1));
  let fraction = d;
  for (let m = 1; m < 500; m++) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    for (const term of [even, odd]) {
      d = 1 / guarded(1 + term * d);
      c = guarded(1 + term / c);
      fraction *= c * d;
    }
    if (Math.abs(c * d - 1) < EPSILON) break;
  }
  return fraction;
}

export function studentCdf(t: number, freedom: number): number {
  const tail = incompleteBeta(freedom / 2, 0.5, freedom / (freedom + t * t)) / 2;
  return t < 0 ? tail : 1 - tail;
}

/** The t below which the part `p` of the distribution lies; NaN without a degree of freedom. */
export function studentQuantile(p: number, freedom: number): number {
  if (!(freedom > 0) || !(p >= 0 && p <= 1)) return NaN;
  if (p < 0.5) return -studentQuantile(1 - p, freedom);
  if (p === 0.5) return 0;
  if (p === 1) return Infinity;
  let low = 0;
  let high = 2;
  while (studentCdf(high, freedom) < p) {
    low = high;
    high *= 2;
  }
  for (let i = 0; i < 200 && high - low > 1e-14 * high; i++) {
    const middle = (low + high) / 2;
    if (studentCdf(middle, freedom) < p) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

const factors = new Map<number, number>();

/** Standard errors on each side of the mean of n values that hold the true mean 95 times of 100. */
export function confidenceFactor(n: number): number {
  let factor = factors.get(n);
  if (factor === undefined) factors.set(n, (factor = studentQuantile(0.975, n - 1)));
  return factor;
}
