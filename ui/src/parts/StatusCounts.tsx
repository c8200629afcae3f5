/** The number of runs in each status, with links to them. */
import type { ReactNode } from 'react';
import { DIVERGED, Status } from './Status';
import { countText } from '../text/format';
import { Link } from './Link';
import type { Run } from '../wire';
import { quoted } from '../text/words';
import { runsAddress } from './runsAddress';

const ORDER: readonly Run['status'][] = ['running', 'finished', 'failed', 'stopped', 'killed', 'lost'];

export function StatusCounts({
  statuses,
  diverged,
  experiment,
}: {
  statuses: Readonly<Record<string, number>>;
  diverged: number;
  experiment?: string;
}): ReactNode {
  const of = experiment === undefined ? '' : ` and experiment == ${quoted(experiment)}`;
  const present = ORDER.filter((status) => (statuses[status] ?? 0) > 0);
  if (present.length === 0) return null;
  return (
    <ul className="status-counts" aria-label="Runs by status">
      {present.map((status) => (
        <li key={status}>
          <Link className="plain-link" to={runsAddress(`run.status == ${quoted(status)}${of}`)}>
            <Status status={status}>
              <strong>{countText(statuses[status] ?? 0)}</strong>
            </Status>
          </Link>
        </li>
      ))}
      {diverged > 0 && (
        <li>
          <Link className="plain-link" to={runsAddress(`run.diverged${of}`)}>
            <span className="status diverged" title={DIVERGED}>
              <span className="status-dot" aria-hidden="true" />
              diverged
              <strong>{countText(diverged)}</strong>
            </span>
          </Link>
        </li>
      )}
    </ul>
  );
}
