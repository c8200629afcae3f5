import { expect, test } from 'vitest';
import { gridFor } from './ChartGrid';

test.each([
  [1, 1200, 1],
  [2, 1200, 2],
  [3, 1200, 3],
  [4, 1200, 2],
  [7, 1200, 3],
  [7, 2600, 4],
  [9, 390, 1],
  [6, 760, 2],
])('%i charts in %i pixels: %i beside each other', (count, width, columns) => {
  expect(gridFor(count, width, 600).columns).toBe(columns);
});
