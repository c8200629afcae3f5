/** The latest images, texts, figures or tables of each run. */
import type { ReactNode } from 'react';
import { useApi, type Api, type TableId } from '../../data/api';
import { isCurve } from '../../explorer/classifier';
import { contextText, type Run } from '../../data/result';
import { Swatch } from '../../explorer/Swatch';
import { href } from '../../parts/address';
import { Link } from '../../parts/Link';
import { DivergedMark } from '../../parts/Status';
import { Explained } from '../../parts/states';
import { useAsked, usePaced } from '../../parts/useAsked';
import { useNews } from '../../parts/useFrame';
import { countText } from '../../text/format';
import type { MediaValue } from '../../wire';
import { shortContext } from '../home/lines';
import { Picture } from '../../parts/media/Picture';
import { RecordedTable } from '../../parts/recorded/RecordedTable';
import { MEDIA, type MediaChartKind, type RunMediaValues } from './board';
import { BoardFigure, CurvesOfRuns } from './BoardFigure';
import type { ChartBodyProps } from './chartProps';

/** Of how many runs, and how many values of each. */
const RUNS = 12;
const VALUES = 4;

async function latest(
  ask: Api['ask'],
  run: Run,
  kind: MediaChartKind,
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
      return { run, series, values: (await ask.values(wanted, signal)).values };
    }),
  );
}

export function MediaBody({ item, shown, visible, kind }: ChartBodyProps & { kind: MediaChartKind }): ReactNode {
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
  const noun = MEDIA[kind];
  const sections = asked.data;
  if (sections.length === 0) return <p className="quiet board-none">None of the shown runs has these {noun}.</p>;
  const together = kind === 'table' ? tableIds(sections) : [];
  return (
    <div className={`board-media ${kind}`} tabIndex={0} role="group" aria-label={LABELS[kind]}>
      {kind === 'figure' && <CurvesOfRuns sections={sections} look={shown.look} />}
      {together.length > 1 ? (
        <>
          <RecordedTable key={key} of={together.slice(0, TOGETHER)} label={metrics.join(', ')} />
          {together.length > TOGETHER && (
            <p className="quiet">{`The first ${TOGETHER} of ${countText(together.length)} tables.`}</p>
          )}
        </>
      ) : (
        sections.map((section) => {
          const alone = section.values.filter(({ format }) => kind !== 'figure' || !isCurve(format));
          if (alone.length === 0) return null;
          return (
            <section key={`${section.run.id} ${section.series.name} ${contextText(section.series.context)}`}>
              <SectionHead
                section={section}
                named={metrics.length > 1}
                tab={noun}
                count={alone.length}
                look={shown.look}
              />
              <div className="board-media-values">
                {alone.slice(0, VALUES).map((value) => (
                  <BoardValue key={value.blob} kind={kind} value={value} section={section} />
                ))}
              </div>
            </section>
          );
        })
      )}
      {visible.length > RUNS && <p className="quiet">Of the first {RUNS} shown runs.</p>}
    </div>
  );
}

const LABELS: Readonly<Record<MediaChartKind, string>> = {
  image: 'Images',
  text: 'Texts',
  figure: 'Figures',
  table: 'Tables',
};

/** Tables that the server shows as one. */
const TOGETHER = 64;

const tableIds = (sections: readonly RunMediaValues[]): readonly TableId[] =>
  sections.flatMap(({ run, values }) => values.map(({ blob }) => ({ run: run.id, blob })));

function SectionHead({
  section: { run, series },
  named,
  tab,
  count,
  look,
}: {
  section: RunMediaValues;
  named: boolean;
  tab: string;
  /** How many it has at this step, of which the first ones are shown. */
  count: number;
  look: ChartBodyProps['shown']['look'];
}): ReactNode {
  return (
    <p className="board-media-head">
      <Swatch color={look.colorOf(run)} dash={[]} />
      <Link className="plain-link" to={href('run', { run: run.id, tab })}>
        <bdi>{look.nameOf(run)}</bdi>
      </Link>
      <DivergedMark run={run} />
      <span className="count">
        {named && <bdi>{series.name} · </bdi>}
        {Object.keys(series.context).length > 0 && <bdi>{shortContext(contextText(series.context))} · </bdi>}
        step {countText(series.last_step)}
        {count > VALUES && `, ${VALUES} of ${countText(count)}`}
      </span>
    </p>
  );
}

function BoardValue({
  kind,
  value,
  section: { run, series },
}: {
  kind: MediaChartKind;
  value: MediaValue;
  section: RunMediaValues;
}): ReactNode {
  switch (kind) {
    case 'image':
      return <Picture picture={{ ...value, run, name: series.name }} />;
    case 'text':
      return (
        <pre>
          {value.text}
          {value.cut && '…'}
        </pre>
      );
    case 'table':
      return <RecordedTable of={[{ run: run.id, blob: value.blob }]} label={series.name} />;
    case 'figure':
      return <BoardFigure run={run} value={value} name={series.name} />;
  }
}
