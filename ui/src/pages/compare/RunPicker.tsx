/** Picks the compared runs: a list that is searched on the server. */
import { DateTime } from '../../parts/DateTime';
import { useState, type ReactNode } from 'react';
import type { Run } from '../../data/result';
import { FindField } from '../../parts/design/FindField';
import { walkItems } from '../../parts/design/Popover';
import { MOST_COMPARED as MOST } from '../../data/api';
import { countText, plural } from '../../text/format';
import { Explained } from '../../parts/states';
import { DivergedMark } from '../../parts/Status';
import type { FoundRuns } from '../runs/found';
import { useFoundRuns } from '../runs/useFoundRuns';

const AT_ONCE = 100;

interface RunPickerProps {
  picked: readonly string[];
  onPick: (runs: readonly string[]) => void;
}

export function RunPicker({ picked, onPick }: RunPickerProps): ReactNode {
  const [find, setFind] = useState('');
  const { found, names, problem } = useFoundRuns('', find, AT_ONCE);
  const toggle = (id: string): void =>
    onPick(picked.includes(id) ? picked.filter((other) => other !== id) : [...picked, id]);
  return (
    <div className="run-picker" onKeyDown={walkItems}>
      <FindField label="Find a run" value={find} onFind={setFind} first />
      {problem && <Explained problem={problem} />}
      {found ? (
        <>
          <ul aria-label="Runs">
            {found.runs.map((run) => {
              const on = picked.includes(run.id);
              return (
                <li key={run.id}>
                  <PickedRun
                    run={run}
                    name={names(run)}
                    on={on}
                    full={!on && picked.length >= MOST}
                    onToggle={() => toggle(run.id)}
                  />
                </li>
              );
            })}
          </ul>
          <p className="quiet" role="status">
            {picked.length >= MOST ? `Up to ${MOST} runs can be compared.` : countOf(found)}
          </p>
        </>
      ) : (
        !problem && <p className="quiet">Loading…</p>
      )}
    </div>
  );
}

function countOf({ runs, listed, matched }: FoundRuns): string {
  if (matched === 0) return 'Nothing was recorded here yet.';
  if (listed === 0) return `None of ${plural(matched, 'run')} contains this text.`;
  const all = listed === matched ? plural(matched, 'run') : `${countText(listed)} of ${plural(matched, 'run')}`;
  return runs.length < listed
    ? `The newest ${runs.length} of ${plural(listed, 'run')}. Search to find the others.`
    : all;
}

interface PickedRunProps {
  run: Run;
  name: string;
  on: boolean;
  full: boolean;
  onToggle: () => void;
}

function PickedRun({ run, name, on, full, onToggle }: PickedRunProps): ReactNode {
  return (
    <button
      type="button"
      role="checkbox"
      data-item
      className="picker-item"
      aria-checked={on}
      disabled={full}
      title={run.hash}
      onClick={onToggle}
    >
      <span className="picker-mark" aria-hidden="true">
        {on && '✓'}
      </span>
      <span className="menu-label">
        <bdi>{name}</bdi> <DivergedMark run={run} />
      </span>
      <span className="menu-detail">
        <bdi>{run.experiment}</bdi> · <DateTime at={run.created_at} />
      </span>
    </button>
  );
}
