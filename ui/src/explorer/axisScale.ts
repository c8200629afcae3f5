/** Which axes start logarithmic: those of positive values that span two decades. */
import type { Series } from '../data/result';
import type { Bounds } from '../charts/types';
import { axisMetric, type XAxis } from '../data/axis';
import { isSystem } from '../text/system';

type Bounded = Pick<Series, 'name' | 'min' | 'max' | 'y'>;

const DECADES = 100;
/** Metrics on a scale with two ends, whose small values matter least. */
const SCORE = /acc|auc|f1|precision|recall|score|iou|dice|ssim|success|percent|ratio/i;

const starts = (name: string, low: number, high: number): boolean =>
  !SCORE.test(name) && !isSystem(name) && low > 0 && high >= low * DECADES;

/** The greatest finite value: that of a series which diverges is among its points. */
function greatest({ max, y }: Bounded): number {
  if (max < Infinity) return max;
  return y.reduce((most, value) => (value > most && value < Infinity ? value : most), -Infinity);
}

/** Whether the y axis of a chart of these series starts logarithmic. Its limits may ask for what such an axis lacks. */
export function startsLogY(items: readonly Bounded[], ...limits: readonly (Bounds | null)[]): boolean {
  if (limits.some((ends) => ends?.some((end) => end !== null && end <= 0))) return false;
  const low = items.reduce((least, { min }) => (min < least ? min : least), Infinity);
  const high = items.reduce((most, of) => Math.max(most, greatest(of)), -Infinity);
  return items.length > 0 && items.every(({ name }) => starts(name, low, high));
}

/** Whether a metric on the x axis starts it logarithmic; steps and times never do. */
export function startsLogX(items: readonly Pick<Series, 'x'>[], axis: XAxis): boolean {
  const metric = axisMetric(axis);
  if (metric === null) return false;
  let [low, high] = [Infinity, -Infinity];
  for (const { x } of items) {
    for (const value of x) {
      if (value < low) low = value;
      if (value > high && value < Infinity) high = value;
    }
  }
  return starts(metric, low, high);
}
