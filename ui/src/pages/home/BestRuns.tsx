/** How well runs do: the best run of the latest experiments with its curve, running runs, and how many diverged. */
import { useMemo, useState, type ReactNode } from 'react';
import { formatValue } from '../../charts';
import { labelOf } from '../../explorer/names';
import { useApi } from '../../data/api';
import { contextText } from '../../data/result';
import { href } from '../../parts/address';
import { Icon } from '../../parts/design/Icon';
import { Link } from '../../parts/Link';
import { recall, remember } from '../../parts/memory';
import { runsAddress } from '../../parts/runsAddress';
import { DIVERGED, DivergedMark } from '../../parts/Status';
import { useAsked, usePaced } from '../../parts/useAsked';
import { useNews } from '../../parts/useFrame';
import { countText, durationText, plural } from '../../text/format';
import { quoted } from '../../text/words';
import type { Run, RunProgress, Standing, Standings } from '../../wire';
import { Sparkline } from '../run/Sparkline';
import { numberOf } from '../run/numbers';
import { shortContext } from './lines';
import './standings.css';

const OPEN = 'standings';
/** On lower screens the charts need the room. */
const ROOMY = 640;
const PACE = 5000;

export function BestRuns(): ReactNode {
  const { ask } = useApi();
  const asked = useAsked('standings', (signal) => ask.standings(signal));
  const again = usePaced(asked.again, PACE);
  useNews({ changed: again, missed: again });
  const [open, setOpen] = useState(() => recall(OPEN, window.innerHeight >= ROOMY));
  const { data } = asked;
  if (!data || data.experiments.length === 0) return null;
  const toggle = (): void => {
    setOpen(!open);
    remember(OPEN, !open);
  };
  return (
    <section className="standings" aria-label="How runs do">
      <div className="standings-head">
        <button type="button" className="standings-fold" aria-expanded={open} onClick={toggle}>
          <Icon name={open ? 'down' : 'right'} size={14} />
          Best runs
        </button>
        <Counts answer={data} />
      </div>
      {open && (
        <div className="standings-cards" role="group" aria-label="Best runs" tabIndex={0}>
          {data.running.length > 0 && <RunningCard running={data.running} active={data.active} />}
          {data.experiments.map((standing) => (
            <StandingCard key={standing.experiment} standing={standing} />
          ))}
        </div>
      )}
    </section>
  );
}

function Counts({ answer: { active, diverged } }: { answer: Standings }): ReactNode {
  return (
    <>
      {active > 0 && (
        <Link className="plain-link status running" to={runsAddress('run.status == "running"')}>
          <span className="status-dot" aria-hidden="true" />
          {countText(active)} running
        </Link>
      )}
      {diverged > 0 && (
        <Link className="plain-link" to={runsAddress('run.diverged')} title={DIVERGED}>
          <span className="badge">{countText(diverged)} diverged</span>
        </Link>
      )}
    </>
  );
}

function StandingCard({ standing }: { standing: Standing }): ReactNode {
  const { experiment, runs, diverged, run } = standing;
  return (
    <article className="standing">
      <h2>
        <Link className="text-link" to={href('experiment', { experiment })}>
          <bdi>{experiment}</bdi>
        </Link>
        <span className="count">{plural(runs, 'run')}</span>
        {diverged > 0 && (
          <Link
            className="plain-link"
            to={runsAddress(`experiment == ${quoted(experiment)} and run.diverged`)}
            title={DIVERGED}
          >
            <span className="badge">{countText(diverged)} diverged</span>
          </Link>
        )}
      </h2>
      {run && standing.metric !== null ? (
        <BestRun run={run} metric={standing.metric} standing={standing} />
      ) : (
        <p className="quiet">
          {diverged === runs
            ? 'No run ended without NaN or infinity.'
            : 'No run has a metric such as loss or accuracy.'}
        </p>
      )}
    </article>
  );
}

function BestRun({ run, metric, standing }: { run: Run; metric: string; standing: Standing }): ReactNode {
  const context = contextText(standing.context);
  const { curve } = standing;
  const values = useMemo(() => Float64Array.from(curve, numberOf), [curve]);
  return (
    <>
      <p className="standing-value">
        <strong>{formatValue(numberOf(standing.value ?? NaN))}</strong>
        <span className="quiet" title={`${standing.direction === 'max' ? 'Highest' : 'Lowest'} ${metric}`}>
          {standing.direction} <bdi>{metric}</bdi>
          {context && (
            <>
              {' '}
              <bdi>{shortContext(context)}</bdi>
            </>
          )}
        </span>
        <span className="stretch" />
        {values.length > 1 && <Sparkline values={values} run={run} />}
      </p>
      <RunLink run={run} name={labelOf(run, standing.params)} />
    </>
  );
}

function RunLink({ run, name }: { run: Run; name: string }): ReactNode {
  return (
    <Link
      className="text-link standing-run"
      to={href('run', { run: run.id })}
      title={name === run.hash ? name : `${name}\n${run.hash}`}
    >
      <bdi>{name}</bdi>
    </Link>
  );
}

function RunningCard({ running, active }: { running: readonly RunProgress[]; active: number }): ReactNode {
  return (
    <article className="standing">
      <h2>
        Running
        <span className="count">{countText(active)}</span>
      </h2>
      <ul className="standing-running" aria-label="Running runs" tabIndex={0}>
        {running.map((progress) => (
          <RunningRun key={progress.run.id} {...progress} />
        ))}
        {active > running.length && <li className="quiet">and {countText(active - running.length)} more</li>}
      </ul>
    </article>
  );
}

function RunningRun({ run, params, step, steps }: RunProgress): ReactNode {
  const name = labelOf(run, params);
  return (
    <li>
      <RunLink run={run} name={name} />
      <DivergedMark run={run} />
      {step !== null && steps !== null ? (
        <>
          <progress value={step} max={steps} aria-label={`Progress of ${name}`} />
          <span className="count">{Math.floor((100 * step) / steps)} %</span>
        </>
      ) : (
        <span className="count">{step === null ? durationText(run.duration) : `step ${countText(step)}`}</span>
      )}
    </li>
  );
}
