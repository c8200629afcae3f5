/** Turns series and groups into the lines of a chart. */
import { shownValues, smooths, type Line, type ScaleKind, type Smoothing } from '../charts';
import type { Series } from '../data/result';
import type { Detail } from '../data/useDetail';
import type { AggregateOptions } from '../stats';
import { bundleName, type Aggregates, type Bundle } from './bundles';
import { runName } from '../text/runName';
import type { View } from './view/view';

export interface Marker {
  color: string;
  dash: readonly number[];
}

export interface LineContext {
  readonly shown: ReadonlySet<string>;
  readonly detail: Detail;
  readonly smoothing: Smoothing;
  readonly marker: (series: Series) => Marker;
}

const label = (series: Series): string =>
  [runName(series.run), series.name, series.contextText].filter(Boolean).join(' · ');

type DrawnSeries = Pick<Series, 'x' | 'y' | 'steps' | 'smoothed'>;

/**
 * The points to draw: of a sampled series those in full detail, if they are loaded and as new as the coarse ones.
 * Smoothed ones are kept until newer ones arrive, and without any the line is not smoothed: an average of some points
 * only would be a different one.
 */
export function finest(series: Series, { detail, smoothing }: Pick<LineContext, 'detail' | 'smoothing'>): DrawnSeries {
  const fine = series.sampled ? detail.get(series.key) : undefined;
  if (!smooths(smoothing)) {
    const { x, y, steps } = fine && fine.count >= series.count ? fine : series;
    return { x, y, steps };
  }
  if (!series.sampled) return { ...series, smoothed: shownValues(series.y, smoothing) };
  return fine?.smoothed ? fine : { ...series, smoothed: series.y };
}

export function drawnLine(series: Series, drawing: LineContext): Line {
  const { x, y, steps, smoothed } = finest(series, drawing);
  const { shown, marker } = drawing;
  return {
    key: series.key,
    run: series.run.id,
    label: label(series),
    ...marker(series),
    x,
    y,
    ...(smoothed && { smoothed }),
    steps,
    hidden: !shown.has(series.key),
    live: series.run.status === 'running',
  };
}

export const smoothingOf = ({ smooth, average }: Pick<View, 'smooth' | 'average'>): Smoothing =>
  average > 1 ? { kind: 'average', amount: average } : { kind: smooth > 0 ? 'ema' : 'none', amount: smooth };

/** What lines that are not here completely lack, when the server did not send more. */
export function withoutDetail(smoothing: Smoothing, detail: Detail): string {
  if (detail.size > 0) return 'Long lines may lack their newest points.';
  return smooths(smoothing) ? 'Long lines are not smoothed.' : 'Long lines are drawn with fewer points.';
}

export interface Grouped {
  readonly aggregates: Aggregates;
  readonly options: Omit<AggregateOptions, 'yScale'>;
  /** Keys of bundles whose members are also drawn, faintly. */
  readonly open: readonly string[];
}

/** One line per bundle, through its shown members; the members of open bundles are drawn faintly below it. */
export function bundleLines(
  bundles: readonly Bundle[],
  drawing: LineContext,
  { aggregates, options: given, open }: Grouped,
  yScale: ScaleKind,
): Line[] {
  const options = { ...given, yScale };
  const faint: Line[] = [];
  const whole: Line[] = [];
  for (const bundle of bundles) {
    const members = bundle.members.filter(({ key }) => drawing.shown.has(key));
    if (open.includes(bundle.key))
      faint.push(...members.map((member) => ({ ...drawnLine(member, drawing), faint: true })));
    const points = members.map((member) => ({ ...finest(member, drawing), diverged: member.run.diverged }));
    const { x, y, ...recorded } = aggregates.of(bundle.key, points, options);
    const averages = points.map((member) => ({ ...member, y: member.smoothed ?? member.y }));
    const smoothed = smooths(drawing.smoothing) ? aggregates.of(`${bundle.key} smoothed`, averages, options) : null;
    const { low, high, count } = smoothed ?? recorded;
    whole.push({
      key: bundle.key,
      label: bundleName(bundle),
      ...drawing.marker(bundle.members[0]),
      x,
      y,
      ...(smoothed && { smoothed: smoothed.y }),
      ...(options.area !== 'none' && { low, high }),
      counts: count,
      width: 2,
      hidden: members.length === 0,
      live: members.some(({ run }) => run.status === 'running'),
    });
  }
  return [...faint, ...whole];
}
