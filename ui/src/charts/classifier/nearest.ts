/** The point of a curve that is nearest to the pointer. */
import type { Scale } from '../scales';
import type { CurveHover, CurvePoints } from './types';

export function nearestPoint(
  curves: readonly CurvePoints[],
  at: readonly [x: number, y: number],
  scales: { readonly x: Scale; readonly y: Scale },
  reach: number,
): CurveHover | null {
  let best = reach * reach;
  let nearest: CurveHover | null = null;
  for (const [curve, { x, y, thresholds }] of curves.entries())
    for (let i = 0; i < x.length; i++) {
      const [px, py] = [x[i] ?? NaN, y[i] ?? NaN];
      const distance = (scales.x.of(px) - at[0]) ** 2 + (scales.y.of(py) - at[1]) ** 2;
      if (distance >= best) continue;
      best = distance;
      nearest = { curve, x: px, y: py, threshold: thresholds[i] ?? NaN };
    }
  return nearest;
}
