/**
 * Values that the axis cannot show: NaN, infinities, and nonpositive values on a log scale. They are marked at the
 * edge.
 */
import type { Scale } from './scales';
import type { Trace } from './trace';

export type MarkKind = 'nan' | '+inf' | '-inf' | 'nonpositive';

/** A range of such values of one kind, `from` to `to` in pixels. */
export interface Mark {
  readonly kind: MarkKind;
  readonly from: number;
  readonly to: number;
  readonly count: number;
}

/** The ranges of one line inside the plot; ranges of one kind closer than `merge` pixels are merged. */
export function marksOf(trace: Trace, x: Scale, y: Scale, merge = 3): Mark[] {
  const marks: { kind: MarkKind; from: number; to: number; count: number }[] = [];
  const [left, right] = x.range;
  let before = -2;
  for (let i = 0; i < trace.px.length; i++) {
    if (trace.py[i] === trace.py[i]) continue;
    const at = trace.px[i] ?? NaN;
    if (!(at >= left - 0.5 && at <= right + 0.5)) continue;
    const kind = markKind(trace.shown[trace.from + i] ?? NaN, y);
    if (kind === null) continue;
    const last = marks.at(-1);
    if (last && last.kind === kind && (before === i - 1 || at - last.to < merge)) {
      last.to = at;
      last.count++;
    } else marks.push({ kind, from: at, to: at, count: 1 });
    before = i;
  }
  return marks;
}

function markKind(value: number, y: Scale): MarkKind | null {
  if (Number.isNaN(value)) return 'nan';
  if (value === Infinity) return '+inf';
  if (value === -Infinity) return '-inf';
  return y.kind === 'log' && value <= 0 ? 'nonpositive' : null;
}
