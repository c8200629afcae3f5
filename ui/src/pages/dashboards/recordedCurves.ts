/** The curves among the latest figures of runs, and what the legend calls each. */
import type { CurveKind } from '../../charts';
import { contextText, type Run } from '../../data/result';
import { isCurve } from '../../explorer/classifier';
import type { RecordedCurveSource } from '../run/media/Classifier';
import type { RunMediaValues } from './board';

export interface CurveOfKind {
  readonly kind: CurveKind;
  readonly source: RecordedCurveSource;
}

export function recordedCurves(
  sections: readonly RunMediaValues[],
  nameOf: (run: Run) => string,
): readonly CurveOfKind[] {
  const curves = sections.flatMap(({ run, series, values }) =>
    values.flatMap((value) => (isCurve(value.format) ? { kind: value.format, run, series, value } : [])),
  );
  const named = new Set(curves.map(({ series }) => series.name)).size > 1;
  const several = curves.some(({ value }) => value.index > 0);
  return curves.map(({ kind, run, series, value }) => {
    const name = named ? series.name : '';
    const place = several ? `#${value.index}` : '';
    const own = [name, contextText(series.context), value.caption ?? place].filter(Boolean).join(' · ');
    const label = [nameOf(run), own].filter(Boolean).join(' · ');
    return { kind, source: { ...value, key: `${run.id} ${value.blob}`, run, label, series: own } };
  });
}
