/** Runs as a plain searchable table, a hundred at a time. */
import { DateTime } from './DateTime';
import { useState, type ReactNode } from 'react';
import { FindField } from './design/FindField';
import { Button } from './design/controls';
import { countText, durationText, plural } from '../text/format';
import { href } from './address';
import { Link } from './Link';
import type { Run } from '../wire';
import { PlainTable } from './PlainTable';
import { runName } from '../text/runName';
import { Status } from './Status';
import { TagChip } from './TagChip';

const AT_ONCE = 100;

export function RunTable({
  runs,
  label,
  experiment = true,
  search = false,
}: {
  runs: readonly Run[];
  label: string;
  experiment?: boolean;
  search?: boolean;
}): ReactNode {
  const [shown, setShown] = useState(AT_ONCE);
  const [find, setFind] = useState('');
  const words = find.trim().toLowerCase();
  const matching = words
    ? runs.filter((run) =>
        [run.name, run.hash, run.experiment, run.status, run.description, ...run.tags]
          .join(' ')
          .toLowerCase()
          .includes(words),
      )
    : runs;
  return (
    <>
      {search && runs.length > 0 && (
        <p className="table-find">
          <FindField label={`Find in ${label}`} placeholder="Find a run" value={find} onFind={setFind} />
          {words && <span className="count">{`${countText(matching.length)} of ${plural(runs.length, 'run')}`}</span>}
        </p>
      )}
      {words && matching.length === 0 && (
        <p className="quiet">
          No run contains “<bdi>{find}</bdi>”.
        </p>
      )}
      {matching.length > 0 && (
        <PlainTable
          label={`Table of ${label.toLowerCase()}`}
          head={['Run', 'Status', experiment && 'Experiment', 'Started', { label: 'Duration', end: true }, 'Tags']}
        >
          {matching.slice(0, shown).map((run) => (
            <tr key={run.id} className={run.archived ? 'archived' : ''}>
              <th scope="row">
                <Link className="text-link" to={href('run', { run: run.id })}>
                  <bdi>{runName(run)}</bdi>
                </Link>
                {run.archived && <span className="badge gray">archived</span>}
              </th>
              <td>
                <Status status={run.status} diverged={run.diverged} />
              </td>
              {experiment && (
                <td>
                  <Link className="text-link soft" to={href('experiment', { experiment: run.experiment })}>
                    <bdi>{run.experiment}</bdi>
                  </Link>
                </td>
              )}
              <td>
                <DateTime at={run.created_at} />
              </td>
              <td className="end">{durationText(run.duration)}</td>
              <td>
                {run.tags.map((tag) => (
                  <TagChip key={tag} name={tag} />
                ))}
              </td>
            </tr>
          ))}
        </PlainTable>
      )}
      {matching.length > shown && (
        <Button look="outline" onClick={() => setShown(shown + AT_ONCE * 5)}>
          {`Show more of ${plural(matching.length, 'run')}`}
        </Button>
      )}
    </>
  );
}
