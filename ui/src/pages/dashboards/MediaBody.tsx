/** The latest images or texts of each run. */
import type { ReactNode } from 'react';
import { useApi, type Api } from '../../data/api';
import { contextText, type Run } from '../../data/result';
import { Swatch } from '../../explorer/Swatch';
import { href } from '../../parts/address';
import { Link } from '../../parts/Link';
import { DivergedMark } from '../../parts/Status';
import { Explained } from '../../parts/states';
import { useAsked, usePaced } from '../../parts/useAsked';
import { useNews } from '../../parts/useFrame';
import type { MediaSeries, MediaValue } from '../../wire';
import { shortContext } from '../home/lines';
import { Picture } from '../../parts/media/Picture';
import type { ChartBodyProps } from './chartProps';

/** Of how many runs, and how many values of each. */
const RUNS = 12;
const VALUES = 4;

interface RunMediaValues {
  readonly run: Run;
  readonly series: MediaSeries;
  readonly values: readonly MediaValue[];
}

async function latest(
  ask: Api['ask'],
  run: Run,
  kind: 'image' | 'text',
  names: readonly string[],
  signal: AbortSignal,
): Promise<readonly RunMediaValues[]> {
  const all = (await ask.objects(run.id, signal)).series;
  const own = all.filter((series) => series.kind === kind && names.includes(series.name));
  return Promise.all(
    own.map(async (series) => {
      const { name, last_step } = series;
      const context = JSON.stringify(series.context);
      const wanted = { run: run.id, kind, name, context, lo: last_step, hi: last_step, steps: 1 };
      return { run, series, values: (await ask.values(wanted, signal)).values.slice(0, VALUES) };
    }),
  );
}

export function MediaBody({ item, shown, visible, kind }: ChartBodyProps & { kind: 'image' | 'text' }): ReactNode {
  const { ask } = useApi();
  const { metrics } = item.chart;
  const ids = visible.slice(0, RUNS);
  const runs = ids.flatMap((id) => shown.known.find((run) => run.id === id) ?? []);
  const key = `latest ${kind} ${metrics.join('\n')} ${runs.map(({ id }) => id).join()}`;
  const asked = useAsked(key, async (signal) =>
    (await Promise.all(runs.map((run) => latest(ask, run, kind, metrics, signal)))).flat(),
  );
  const again = usePaced(asked.again, 2000);
  useNews({ changed: (changed) => changed.some((id) => ids.includes(id)) && again(), missed: again });
  if (asked.problem)
    return (
      <div className="wall-problem">
        <Explained problem={asked.problem} />
      </div>
    );
  if (!asked.data) return <div className="wall-wait skeleton" role="status" aria-label="Loading" />;
  const noun = kind === 'image' ? 'images' : 'texts';
  if (asked.data.length === 0) return <p className="quiet board-none">None of the shown runs has these {noun}.</p>;
  return (
    <div className={`board-media ${kind}`} tabIndex={0} role="group" aria-label={kind === 'image' ? 'Images' : 'Texts'}>
      {asked.data.map(({ run, series, values }) => (
        <section key={`${run.id} ${series.name} ${contextText(series.context)}`}>
          <p className="board-media-head">
            <Swatch color={shown.look.colorOf(run)} dash={[]} />
            <Link className="plain-link" to={href('run', { run: run.id, tab: noun })}>
              <bdi>{shown.look.nameOf(run)}</bdi>
            </Link>
            <DivergedMark run={run} />
            <span className="count">
              {metrics.length > 1 && <bdi>{series.name} · </bdi>}
              {Object.keys(series.context).length > 0 && <bdi>{shortContext(contextText(series.context))} · </bdi>}
              step {series.last_step}
            </span>
          </p>
          <div className="board-media-values">
            {values.map((value) =>
              kind === 'image' ? (
                <Picture key={value.blob} picture={{ ...value, run, name: series.name }} />
              ) : (
                <pre key={value.blob}>
                  {value.text}
                  {value.cut && '…'}
                </pre>
              ),
            )}
          </div>
        </section>
      ))}
      {visible.length > RUNS && <p className="quiet">Of the first {RUNS} shown runs.</p>}
    </div>
  );
}
