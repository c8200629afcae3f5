/** The colors of recorded curves: that of their run where several lie over each other. */
import { colorAt, colorFor, dashFor, eight, twentyFour, type ChartTheme } from '../../../charts';
import type { Marker } from '../../../explorer/lines';
import { colorOfRun } from '../../../explorer/style';
import type { Theme } from '../../../parts/design/theme';
import type { Run } from '../../../wire';

export interface CurveOfRun {
  readonly run: Pick<Run, 'id' | 'position'>;
  /** What tells it from others of its run, in all steps: its context and class. */
  readonly series: string;
}

/** `among`: all that may be shown, so that each keeps its style. Curves of one series are colored by their step. */
export function curveMarkers(
  shown: readonly CurveOfRun[],
  among: readonly CurveOfRun[],
  theme: Theme,
  gradient: ChartTheme['gradient'],
): Marker[] {
  const idOf = ({ run, series }: CurveOfRun): string => `${run.id}\n${series}`;
  if (shown.length > 1 && new Set(shown.map(idOf)).size === 1)
    return shown.map((_, at) => ({ color: colorAt(gradient, at / (shown.length - 1)), dash: [] }));
  const series = [...new Set(among.map((curve) => curve.series))];
  const byRun = series.length < 2 || new Set(among.map(({ run }) => run.id)).size > 1;
  const palette = series.length > eight.light.length ? twentyFour : eight;
  return shown.map((curve) => {
    const at = Math.max(0, series.indexOf(curve.series));
    return byRun
      ? { color: colorOfRun(curve.run, theme), dash: dashFor(at) }
      : { color: colorFor(at, theme, palette), dash: [] };
  });
}
