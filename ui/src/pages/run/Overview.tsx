/** The run on one screen: its numbers, params, where it ran, and who wrote it. */
import { useMemo, type ReactNode } from 'react';
import { formatValue } from '../../charts';
import { textOf } from '../../data/result';
import { dateText, durationText, exactDateText, plural } from '../../explorer/format';
import { adjust } from '../../frame/address';
import { Button } from '../../design/controls';
import type { Metric, RunDetail, Writer } from '../../wire';
import { Card, Hint } from '../parts/Sheet';
import { contextText, numberOf } from './numbers';
import { Sparkline } from './Sparkline';
import { leavesOf } from './leaves';
import { useSeries, type SeriesOf } from './useSeries';

const FIRST = 12;

export function Overview({ detail }: { detail: RunDetail }): ReactNode {
  const leaves = useMemo(() => leavesOf(detail.params), [detail.params]);
  return (
    <div className="cards">
      <MetricsCard detail={detail} />
      <Card title="Params" count={leaves.length ? String(leaves.length) : undefined} actions={leaves.length > FIRST && <All tab="params" />}>
        {leaves.length === 0 ? (
          <Hint>
            None were recorded. <code>run['hparams'] = {'{…}'}</code> keeps them.
          </Hint>
        ) : (
          <Pairs pairs={leaves.slice(0, FIRST).map((leaf) => [leaf.path.join('.'), textOf(leaf.value)])} />
        )}
      </Card>
      <Surroundings detail={detail} />
      <Git facts={detail.facts} />
      <Processes writers={detail.writers} />
    </div>
  );
}

const All = ({ tab }: { tab: string }): ReactNode => (
  <Button small onClick={() => adjust({ tab })}>
    Show all
  </Button>
);

function MetricsCard({ detail: { run, metrics } }: { detail: RunDetail }): ReactNode {
  const shown = metrics.slice(0, FIRST);
  const names = useMemo(() => [...new Set(metrics.slice(0, FIRST).map((metric) => metric.name))], [metrics]);
  const series = useSeries(run, names, 120);
  return (
    <Card title="Metrics" wide count={plural(metrics.length, 'series')} actions={metrics.length > FIRST && <All tab="metrics" />}>
      {metrics.length === 0 ? (
        <Hint>
          Nothing was tracked yet. <code>run.track(value, name="loss")</code> records a point.
        </Hint>
      ) : (
        <div className="plain-table" role="region" aria-label="Metrics of the run" tabIndex={0}>
          <table>
            <thead>
              <tr>
                <th scope="col">Metric</th>
                <th scope="col">Course</th>
                {['Last', 'Min', 'Max', 'First', 'Mean', 'Points'].map((title) => (
                  <th key={title} scope="col" className="end">
                    {title}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {shown.map((metric) => (
                <MetricRow key={`${metric.name}\n${contextText(metric.context)}`} metric={metric} series={series} />
              ))}
            </tbody>
          </table>
        </div>
      )}
    </Card>
  );
}

function MetricRow({ metric, series }: { metric: Metric; series: SeriesOf }): ReactNode {
  const context = contextText(metric.context);
  const line = series.of(metric.name)?.find((one) => one.contextText === context);
  return (
    <tr>
      <th scope="row">
        <bdi>{metric.name}</bdi>
        {context && (
          <span className="context">
            <bdi>{context}</bdi>
          </span>
        )}
      </th>
      <td>{line && <Sparkline values={line.y} />}</td>
      {[metric.last, metric.min, metric.max, metric.first, metric.mean].map((value, at) => (
        <td key={at} className="end number">
          {formatValue(numberOf(value))}
        </td>
      ))}
      <td className="end number" title={metric.nonfinite ? `${metric.nonfinite} are NaN or infinite` : undefined}>
        {metric.count}
        {metric.nonfinite > 0 && <span className="warn"> !</span>}
      </td>
    </tr>
  );
}

function Pairs({ pairs }: { pairs: readonly (readonly [string, string])[] }): ReactNode {
  return (
    <dl className="pairs">
      {pairs.map(([name, value]) => (
        <div key={name}>
          <dt>
            <bdi>{name}</bdi>
          </dt>
          <dd title={value}>
            <bdi>{value}</bdi>
          </dd>
        </div>
      ))}
    </dl>
  );
}

const FACTS: readonly [string, string][] = [
  ['cwd', 'Folder'],
  ['python', 'Python'],
  ['executable', 'Interpreter'],
  ['system', 'System'],
  ['aim', 'Aim'],
];

function Surroundings({ detail: { facts, writers } }: { detail: RunDetail }): ReactNode {
  const argv = Array.isArray(facts.argv) ? facts.argv.map(textOf).join(' ') : null;
  const first = writers[0];
  const pairs: [string, string][] = [
    ...(argv === null ? [] : [['Command', argv] as [string, string]]),
    ...(first?.host ? [['Host', first.host] as [string, string]] : []),
    ...(first?.pid ? [['Process', String(first.pid)] as [string, string]] : []),
    ...FACTS.filter(([name]) => facts[name] !== undefined && facts[name] !== null).map(
      ([name, label]) => [label, textOf(facts[name])] as [string, string],
    ),
  ];
  return (
    <Card title="Environment">
      {pairs.length ? <Pairs pairs={pairs} /> : <Hint>Nothing is known of where it ran.</Hint>}
    </Card>
  );
}

function Git({ facts }: { facts: RunDetail['facts'] }): ReactNode {
  const git = facts.git;
  if (typeof git !== 'object' || git === null) return null;
  const { commit, branch, dirty, remote } = git as Record<string, unknown>;
  const pairs: [string, string][] = [
    ['Commit', textOf(commit ?? undefined)],
    ['Branch', textOf(branch ?? undefined)],
    ['Remote', textOf(remote ?? undefined)],
    ['Changes', dirty === true ? 'uncommitted changes were there' : dirty === false ? 'none' : ''],
  ];
  const known = pairs.filter(([, value]) => value !== '');
  return known.length === 0 ? null : (
    <Card title="Git">
      <Pairs pairs={known} />
    </Card>
  );
}

/** Which process wrote when: attempts, ranks and children of one run. */
function Processes({ writers }: { writers: readonly Writer[] }): ReactNode {
  if (writers.length < 2) return null;
  const from = Math.min(...writers.map((writer) => writer.started));
  const to = Math.max(...writers.map((writer) => writer.ended ?? writer.seen_at), from + 0.001);
  const attempts = [...new Set(writers.map((writer) => writer.attempt))];
  return (
    <Card title="Processes" count={`${plural(attempts.length, 'attempt')}, ${writers.length} processes`}>
      <ul className="timeline">
        {writers.map((writer) => {
          const end = writer.ended ?? writer.seen_at;
          return (
            <li key={writer.id} title={`${exactDateText(writer.started)}, ${durationText(end - writer.started)}`}>
              <span>
                {`Attempt ${attempts.indexOf(writer.attempt) + 1}`}
                {writer.role === 'join' && ', joined'}
              </span>
              <span className="quiet">
                <bdi>{[writer.host, writer.pid, writer.status ?? 'no end record'].filter(Boolean).join(' · ')}</bdi>
              </span>
              <span className="timeline-track" aria-hidden="true">
                <span
                  className={writer.status === 'failed' ? 'failed' : ''}
                  style={{
                    left: `${((writer.started - from) / (to - from)) * 100}%`,
                    width: `${Math.max(0.6, ((end - writer.started) / (to - from)) * 100)}%`,
                  }}
                />
              </span>
              <span className="quiet">{dateText(writer.started)}</span>
            </li>
          );
        })}
      </ul>
    </Card>
  );
}
