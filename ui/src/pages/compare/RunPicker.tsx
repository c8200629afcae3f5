/** Picks the compared runs: a searchable list of all runs. */
import { DateTime } from '../../parts/DateTime';
import { useState, type ReactNode } from 'react';
import { FindField } from '../../parts/design/FindField';
import { walkItems } from '../../parts/design/Popover';
import { plural } from '../../text/format';
import { MOST_COMPARED as MOST, useApi } from '../../data/api';
import { runName } from '../../text/runName';
import { Answer } from '../../parts/Sheet';
import { DivergedMark } from '../../parts/Status';
import { useAsked } from '../../parts/useAsked';

const AT_ONCE = 100;

export function RunPicker({
  picked,
  onPick,
}: {
  picked: readonly string[];
  onPick: (runs: readonly string[]) => void;
}): ReactNode {
  const { ask } = useApi();
  const asked = useAsked('all runs', (signal) => ask.runs('', signal));
  const [find, setFind] = useState('');
  const words = find.toLowerCase().split(/\s+/).filter(Boolean);
  return (
    <div className="run-picker" onKeyDown={walkItems}>
      <FindField label="Find a run" value={find} onFind={setFind} first />
      <Answer of={asked}>
        {(runs) => {
          const fitting = runs.filter((run) => {
            const text = [run.name, run.hash, run.experiment, run.status, ...run.tags].join(' ').toLowerCase();
            return words.every((word) => text.includes(word));
          });
          return (
            <>
              <ul aria-label="Runs">
                {fitting.slice(0, AT_ONCE).map((run) => {
                  const on = picked.includes(run.id);
                  return (
                    <li key={run.id}>
                      <button
                        type="button"
                        role="checkbox"
                        data-item
                        className="picker-item"
                        aria-checked={on}
                        disabled={!on && picked.length >= MOST}
                        onClick={() => onPick(on ? picked.filter((id) => id !== run.id) : [...picked, run.id])}
                      >
                        <span className="picker-mark" aria-hidden="true">
                          {on && '✓'}
                        </span>
                        <span className="menu-label">
                          <bdi>{runName(run)}</bdi> <DivergedMark run={run} />
                        </span>
                        <span className="menu-detail">
                          <bdi>{run.experiment}</bdi> · <DateTime at={run.created_at} />
                        </span>
                      </button>
                    </li>
                  );
                })}
              </ul>
              <p className="quiet">
                {runs.length === 0
                  ? 'Nothing was recorded here yet.'
                  : fitting.length === 0
                    ? 'No run contains this text.'
                    : picked.length >= MOST
                      ? `Up to ${MOST} runs can be compared.`
                      : fitting.length > AT_ONCE
                        ? `The newest ${AT_ONCE} of ${plural(fitting.length, 'run')}. Search to find the others.`
                        : plural(fitting.length, 'run')}
              </p>
            </>
          );
        }}
      </Answer>
    </div>
  );
}
