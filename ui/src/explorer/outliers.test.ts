import { expect, test } from 'vitest';
import { ruledByOutliers } from './outliers';

const line = (y: number[], hidden = false) => ({
  key: String(y),
  label: '',
  color: '',
  dash: [],
  x: Float64Array.from(y, (_, step) => step),
  y: Float64Array.from(y),
  hidden,
});
const calm = Array.from({ length: 200 }, (_, step) => 2 / (step + 1) + 0.1);
const diverging = [1, 2, 5, 1e3, 1e6];

test.each([
  ['calm lines', [line(calm)], false, false],
  ['a run that diverges', [line(calm), line(diverging)], false, true],
  ['on a log scale', [line(calm), line(diverging)], true, false],
  ['a diverging run that is hidden', [line(calm), line(diverging, true)], false, false],
  ['nothing', [], false, false],
  ['one value', [line([3])], false, false],
  ['NaN alone', [line([NaN, NaN])], false, false],
])('%s', (_, lines, log, ruled) => {
  expect(ruledByOutliers(lines, log)).toBe(ruled);
});
