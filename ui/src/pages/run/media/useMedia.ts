/** The media of a run: its series, and their values. */
import { useEffect, useRef } from 'react';
import { useNews } from '../../../parts/useFrame';
import type { MediaSeries, MediaValues, Run } from '../../../wire';
import { useApi, type Api } from '../../../data/api';
import { useAsked, usePaced, type Asked } from '../../../parts/useAsked';

export type Kind = MediaSeries['kind'];

export type SeriesId = Pick<MediaSeries, 'kind' | 'name' | 'context'>;

export const seriesKey = ({ kind, name, context }: SeriesId): string => `${kind}\n${name}\n${JSON.stringify(context)}`;

export function useMedia(run: Run): Asked<readonly MediaSeries[]> {
  const { ask } = useApi();
  const asked = useAsked(`objects ${run.id}`, async (signal) => (await ask.objects(run.id, signal)).series);
  const again = usePaced(asked.again);
  useNews({ changed: (runs) => runs.includes(run.id) && again(), missed: again });
  return asked;
}

export interface MediaRequest {
  readonly steps: number;
  readonly lo?: number;
  readonly hi?: number;
  readonly spread?: boolean;
}

export const values = (
  ask: Api['ask'],
  run: Pick<Run, 'id'>,
  series: SeriesId,
  wanted: MediaRequest,
  signal: AbortSignal,
): Promise<MediaValues> =>
  ask.values(
    { run: run.id, kind: series.kind, name: series.name, context: JSON.stringify(series.context), ...wanted },
    signal,
  );

/** Requested again when the series grows; the shown values and the selected step stay until then. */
export function useValues(
  run: Pick<Run, 'id'>,
  series: SeriesId & { readonly count?: number },
  wanted: MediaRequest,
): Asked<MediaValues> {
  const { ask } = useApi();
  const { steps, lo, hi, spread } = wanted;
  const key = [seriesKey(series), run.id, steps, lo, hi, spread].join('\n');
  const asked = useAsked(key, (signal) => values(ask, run, series, wanted, signal));
  const { again } = asked;
  const count = useRef(series.count);
  useEffect(() => {
    if (count.current === series.count) return;
    count.current = series.count;
    again();
  }, [series.count, again]);
  return asked;
}
