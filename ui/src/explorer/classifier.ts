/** The content of curves and confusion matrices, which runs recorded: docs/format/media.md. */
import type { ConfusionCounts, CurveKind, CurvePoints } from '../charts';

export interface RecordedCurve extends CurvePoints {
  readonly kind: CurveKind;
  readonly area: number;
}

const MOST_POINTS = 10_000;
const MOST_CLASSES = 1_000;

export const isCurve = (format: string): format is CurveKind => format === 'roc' || format === 'pr';

export function curveOf(json: unknown): RecordedCurve {
  const { aim, x, y, thresholds, area } = fieldsOf(json);
  if (aim !== 'roc' && aim !== 'pr') throw new Error('It is not a curve.');
  const [across, up] = [sharesIn(x), sharesIn(y)];
  if (!Array.isArray(thresholds) || across.length !== up.length || thresholds.length !== up.length)
    throw new Error('The curve has lists of different lengths.');
  const limits = Float64Array.from(thresholds, (limit) => (typeof limit === 'number' ? limit : NaN));
  return { kind: aim, x: across, y: up, thresholds: limits, area: typeof area === 'number' ? area : NaN };
}

export function matrixOf(json: unknown): ConfusionCounts {
  const { labels, counts } = fieldsOf(json);
  if (!isTexts(labels) || labels.length > MOST_CLASSES) throw new Error('The classes of the matrix are damaged.');
  const square = Array.isArray(counts) && counts.length === labels.length;
  if (!square || !counts.every((row) => isNumbers(row) && row.length === labels.length))
    throw new Error('The matrix has not a row and a column for each class.');
  return { labels, counts };
}

function fieldsOf(json: unknown): Record<string, unknown> {
  if (typeof json !== 'object' || json === null) throw new Error('It is not a JSON object.');
  return json as Record<string, unknown>;
}

const isTexts = (list: unknown): list is string[] =>
  Array.isArray(list) && list.every((text) => typeof text === 'string');
const isNumbers = (list: unknown): list is number[] =>
  Array.isArray(list) && list.every((number) => typeof number === 'number' && number >= 0);

function sharesIn(list: unknown): Float64Array {
  if (!isNumbers(list) || list.length > MOST_POINTS || list.some((share) => share > 1))
    throw new Error('The curve has points that are not between 0 and 1.');
  return Float64Array.from(list);
}
