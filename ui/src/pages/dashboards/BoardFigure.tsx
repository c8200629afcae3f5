/** Figures of runs: curves of all runs over each other, every other one alone. */
import { useMemo, type ReactNode } from 'react';
import type { Run } from '../../data/result';
import { Picture } from '../../parts/media/Picture';
import type { MediaValue } from '../../wire';
import { CurvesOf } from '../run/media/Classifier';
import { CURVES, FIGURE_CHARTS, PlotlyLoader } from '../run/media/Figures';
import type { RunMediaValues } from './board';
import { recordedCurves } from './recordedCurves';
import '../run/run.css';

export function CurvesOfRuns({
  sections,
  look: { nameOf },
}: {
  sections: readonly RunMediaValues[];
  look: { readonly nameOf: (run: Run) => string };
}): ReactNode {
  const curves = useMemo(() => recordedCurves(sections, nameOf), [sections, nameOf]);
  return CURVES.map((kind) => {
    const shown = curves.filter((curve) => curve.kind === kind).map(({ source }) => source);
    if (shown.length === 0) return null;
    return (
      <div key={kind} className="board-curves">
        <CurvesOf kind={kind} sources={shown} among={shown} />
      </div>
    );
  });
}

export function BoardFigure({ run, value, name }: { run: Run; value: MediaValue; name: string }): ReactNode {
  if (value.format === 'plotly') return <PlotlyLoader run={run} value={value} name={name} />;
  const Chart = FIGURE_CHARTS.get(value.format);
  return Chart ? <Chart run={run} value={value} /> : <Picture picture={{ ...value, run, name }} />;
}
