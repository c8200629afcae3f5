/** Turns series and groups into the lines of a chart. */
import type { Line } from '../charts';
import type { Series } from '../data/result';
import type { Detail } from '../data/useDetail';
import type { AggregateOptions } from '../stats';
import { bundleText, type Aggregates, type Bundle } from './bundles';
import { runName } from '../text/runName';

export interface Marker {
  color: string;
  dash: readonly number[];
}

export interface LineContext {
  readonly shown: ReadonlySet<string>;
  readonly detail: Detail;
  readonly marker: (series: Series) => Marker;
}

const label = (series: Series): string =>
  [runName(series.run), series.name, series.contextText].filter(Boolean).join(' · ');

/** The points in full detail, if they are loaded and as new as the coarse ones. */
export function finest(series: Series, detail: Detail): Pick<Series, 'x' | 'y' | 'steps'> {
  const fine = detail.get(series.key);
  return fine && fine.count >= series.count ? fine : series;
}

export function lineOf(series: Series, { shown, detail, marker }: LineContext): Line {
  const { x, y, steps } = finest(series, detail);
  return {
    key: series.key,
    run: series.run.id,
    label: label(series),
    ...marker(series),
    x,
    y,
    steps,
    hidden: !shown.has(series.key),
    live: series.run.status === 'running',
  };
}

export interface Grouped {
  readonly aggregates: Aggregates;
  readonly options: AggregateOptions;
  /** Keys of bundles whose members are also drawn, faintly. */
  readonly open: readonly string[];
}

/** One line per bundle, through its shown members; the members of open bundles are drawn faintly below it. */
export function bundleLines(
  bundles: readonly Bundle[],
  drawing: LineContext,
  { aggregates, options, open }: Grouped,
): Line[] {
  const faint: Line[] = [];
  const whole: Line[] = [];
  for (const bundle of bundles) {
    const members = bundle.members.filter(({ key }) => drawing.shown.has(key));
    if (open.includes(bundle.key))
      faint.push(...members.map((member) => ({ ...lineOf(member, drawing), faint: true })));
    const points = members.map((member) => finest(member, drawing.detail));
    const { x, y, low, high, count } = aggregates.of(bundle, points, options);
    whole.push({
      key: bundle.key,
      label: bundleText(bundle),
      ...drawing.marker(bundle.members[0]),
      x,
      y,
      ...(options.area !== 'none' && { low, high }),
      counts: count,
      width: 2,
      hidden: members.length === 0,
      live: members.some(({ run }) => run.status === 'running'),
    });
  }
  return [...faint, ...whole];
}
