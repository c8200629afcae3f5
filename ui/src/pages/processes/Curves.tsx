/** The curves of a queue's trials, and the best of them so far. */
import type { ReactNode } from 'react';
import { formatValue } from '../../charts';
import { Button, Choice } from '../../parts/design/controls';
import { Icon } from '../../parts/design/Icon';
import type { Highlight } from '../../explorer/highlight';
import { adjust, href, useAddress } from '../../parts/address';
import { Link } from '../../parts/Link';
import type { Trial } from '../../wire';
import { metricWord } from '../../text/words';
import { Card, Hint } from '../../parts/Sheet';
import type { Measured } from '../runs/measured';
import { QueueChart, type TrialStyle } from './QueueChart';
import type { Direction } from '../../text/direction';
import { bestOf, type Reached } from './trials';
import { trialValueText } from './values';

export function Curves({
  condition,
  measured,
  metric,
  direction,
  styles,
  highlight,
  trials,
  params,
  places,
  of,
}: {
  condition: string;
  measured: readonly Measured[];
  metric: Measured | undefined;
  direction: Direction;
  styles: ReadonlyMap<string, TrialStyle>;
  highlight: Highlight;
  trials: readonly Trial[];
  params: readonly string[];
  places: readonly number[];
  of: (run: string | null) => Reached;
}): ReactNode {
  const logY = useAddress().get('logY') === '1';
  if (!metric)
    return (
      <div className="queue-curves none">
        <Card title="Curves">
          <Hint>
            Curves appear when a trial records a metric: <code>run.track(loss, name="loss")</code>.
          </Hint>
        </Card>
      </div>
    );
  const best = bestOf(trials, ({ run }) => of(run), direction);
  return (
    <div className="queue-curves">
      <Card
        title="Curves"
        actions={
          <>
            <Choice
              label="Metric"
              value={metric.id}
              options={measured.map(({ id, name, contextText }) => ({
                value: id,
                label: contextText ? `${name} (${contextText})` : name,
              }))}
              onChange={(id) => adjust({ metric: id })}
            />
            <Button small aria-pressed={logY} active={logY} onClick={() => adjust({ logY: logY ? null : '1' })}>
              Log
            </Button>
            <Link className="button small" to={href('metrics', { q: `${metricWord(metric.name)} if ${condition}` })}>
              Explore
            </Link>
            <Link className="button small" to={href('params', { q: condition })}>
              Params
            </Link>
          </>
        }
      >
        <QueueChart condition={condition} metric={metric} styles={styles} logY={logY} highlight={highlight} />
      </Card>
      <Card title="Best so far" count={direction}>
        {best ? (
          <Best trial={best} value={of(best.run).best} metric={metric} params={params} places={places} />
        ) : (
          <Hint>None yet.</Hint>
        )}
      </Card>
    </div>
  );
}

function Best({
  trial,
  value,
  metric,
  params,
  places,
}: {
  trial: Trial;
  value: number;
  metric: Measured;
  params: readonly string[];
  places: readonly number[];
}): ReactNode {
  return (
    <div className="best">
      <p className="best-value">
        <span>
          <bdi>{metric.name}</bdi>
          {metric.contextText && (
            <span className="context">
              <bdi>{metric.contextText}</bdi>
            </span>
          )}
        </span>
        <strong>{formatValue(value)}</strong>
      </p>
      <dl className="pairs">
        {places.map((at) => (
          <div key={at}>
            <dt>
              <bdi>{params[at]}</bdi>
            </dt>
            <dd>
              <bdi>{trialValueText(trial.values[at])}</bdi>
            </dd>
          </div>
        ))}
      </dl>
      {trial.state === 'stopped' && (
        <p className="best-stopped">
          <Icon name="alert" size={14} />
          <span>
            Stopped early: <bdi>{trial.why ?? 'by a person or a rule'}</bdi>
          </span>
        </p>
      )}
      {trial.run !== null && (
        <p className="best-links">
          <Link className="button small outline" to={href('run', { run: trial.run })}>
            Run of trial {trial.number}
          </Link>
          <Link className="button small outline" to={href('start', { run: trial.run })}>
            Re-run
          </Link>
        </p>
      )}
    </div>
  );
}
