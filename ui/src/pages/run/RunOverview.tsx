/** The run on one screen: its numbers, params, environment and processes. */
import { useMemo, type ReactNode } from 'react';
import { textOf } from '../../data/result';
import { Button } from '../../parts/design/controls';
import { countText, dateText, durationText, exactDateText, plural } from '../../text/format';
import { MEANING } from '../../parts/Status';
import { adjust } from '../../parts/address';
import type { RunDetail } from '../../wire';
import { Card, Hint } from '../../parts/Sheet';
import { leavesOf } from '../../text/leaves';
import { MetricTable } from './MetricTable';
import { Pairs, type Pair } from '../../parts/Pairs';
import { RunCommand, GitCard, PackagesCard, SourceCard, Surroundings, VariablesCard } from './Surroundings';
import { isSystem } from '../../text/system';
import { Writers } from './Writers';

const FIRST = 12;

export function RunOverview({ detail }: { detail: RunDetail }): ReactNode {
  const own = useMemo(() => detail.metrics.filter(({ name }) => !isSystem(name)), [detail.metrics]);
  const system = useMemo(() => detail.metrics.filter(({ name }) => isSystem(name)), [detail.metrics]);
  const changed = Boolean(detail.environment?.diff);
  return (
    <div className="overview">
      <Card
        title="Metrics"
        wide
        count={own.length ? plural(own.length, 'series') : undefined}
        actions={own.length > FIRST && <All tab="metrics" />}
      >
        {own.length === 0 ? (
          <Hint>
            No metrics yet. <code>run.track(value, name="loss")</code> records a point.
          </Hint>
        ) : (
          <MetricTable run={detail.run} metrics={own.slice(0, FIRST)} label="Metrics of the run" />
        )}
      </Card>
      <div className="cards-columns">
        <ParamsCard params={detail.params} />
        <StatusCard detail={detail} />
        <RunCommand facts={detail.facts} />
        <SourceCard facts={detail.facts} />
        <Surroundings detail={detail} />
        <PackagesCard environment={detail.environment} />
        <VariablesCard environment={detail.environment} />
        {!changed && <GitCard detail={detail} />}
        <Writers writers={detail.writers} />
      </div>
      {changed && <GitCard detail={detail} />}
      {system.length > 0 && (
        <Card title="System metrics" wide count={plural(system.length, 'series')} actions={<All tab="system" />}>
          <MetricTable run={detail.run} metrics={system.slice(0, FIRST)} label="System metrics of the run" />
        </Card>
      )}
    </div>
  );
}

const All = ({ tab }: { tab: string }): ReactNode => (
  <Button small onClick={() => adjust({ tab })}>
    Show all
  </Button>
);

function ParamsCard({ params }: { params: RunDetail['params'] }): ReactNode {
  const leaves = useMemo(() => leavesOf(params), [params]);
  return (
    <Card
      title="Params"
      count={leaves.length ? countText(leaves.length) : undefined}
      actions={leaves.length > FIRST && <All tab="params" />}
    >
      {leaves.length === 0 ? (
        <Hint>
          None were recorded. <code>run['hparams'] = {'{…}'}</code> keeps them.
        </Hint>
      ) : (
        <Pairs pairs={leaves.slice(0, FIRST).map((leaf) => [leaf.path.join('.'), textOf(leaf.value)])} />
      )}
    </Card>
  );
}

function StatusCard({ detail: { run, metrics, writers, damaged } }: { detail: RunDetail }): ReactNode {
  const points = metrics.reduce((sum, metric) => sum + metric.count, 0);
  const pairs: Pair[] = [
    ['Status', `${run.status}: ${MEANING[run.status]}`],
    ['Started', dateText(run.created_at), exactDateText(run.created_at)],
    ...(run.finished_at === null
      ? []
      : [['Ended', dateText(run.finished_at), exactDateText(run.finished_at)] as const]),
    ...(run.started_by === null ? [] : [['Started by', run.started_by] as const]),
    ...(run.edited_by === null ? [] : [['Edited by', run.edited_by] as const]),
    ['Duration', durationText(run.duration)],
    ['Last heartbeat', dateText(run.seen_at), exactDateText(run.seen_at)],
    ['Points', countText(points)],
    ...(run.dropped > 0 ? [['Points lost', countText(run.dropped)] as const] : []),
    ...(damaged > 0 ? [['Damaged places', countText(damaged)] as const] : []),
    ['Files', plural(writers.length, 'log')],
    ['Id', run.id],
  ];
  return (
    <Card title="Status">
      <Pairs pairs={pairs} />
    </Card>
  );
}
