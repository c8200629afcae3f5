/** Switches to another run on the same tab: the runs of this experiment, or a search of all on the server. */
import { DateTime } from '../../parts/DateTime';
import { useEffect, useRef, useState, type ReactNode } from 'react';
import { Choice } from '../../parts/design/controls';
import { PopoverButton, walkItems } from '../../parts/design/Popover';
import { plural } from '../../text/format';
import { href } from '../../parts/address';
import { Link } from '../../parts/Link';
import { Explained } from '../../parts/states';
import { useFrame } from '../../parts/useFrame';
import type { Run } from '../../wire';
import { quoted, WITH_ARCHIVED } from '../../text/words';
import { Status } from '../../parts/Status';
import { useFoundRuns } from '../runs/useFoundRuns';

const LISTED = 60;

export function Switcher({ run, tab }: { run: Run; tab: string }): ReactNode {
  return (
    <PopoverButton
      small
      icon="down"
      tip="Switch to another run"
      label="Switch to another run"
      panel={(close) => <Picker run={run} tab={tab} onPick={close} />}
    />
  );
}

interface PickerProps {
  run: Run;
  tab: string;
  onPick: () => void;
}

function Picker({ run, tab, onPick }: PickerProps): ReactNode {
  const { server } = useFrame();
  const [experiment, setExperiment] = useState<string | null>(run.experiment);
  const [find, setFind] = useState('');
  const inAll = find.trim() !== '' || experiment === null;
  const q = inAll ? WITH_ARCHIVED : `run.experiment == ${quoted(experiment)} and ${WITH_ARCHIVED}`;
  const { found, names, current, problem } = useFoundRuns(q, find, LISTED);
  const list = useRef<HTMLDivElement>(null);
  const open = useOnceCurrent(find, current, () => list.current?.querySelector<HTMLElement>('a[data-item]')?.click());
  const experiments = server.project?.experiments ?? [];
  return (
    <div className="picker switcher" onKeyDown={walkItems}>
      <div className="picker-head">
        <input
          className="field"
          type="search"
          value={find}
          placeholder="Find a run in all experiments"
          aria-label="Find a run in all experiments"
          onChange={(event) => setFind(event.target.value)}
          onKeyDown={(event) => {
            if (event.key !== 'Enter') return;
            event.preventDefault();
            open();
          }}
        />
        {find.trim() === '' && experiments.length > 1 && (
          <Choice
            label="Experiment"
            value={experiment ?? ''}
            options={[
              { value: '', label: 'All experiments' },
              ...experiments.map((name) => ({ value: name, label: name })),
            ]}
            onChange={(name) => setExperiment(name || null)}
          />
        )}
      </div>
      <div ref={list} className="picker-list">
        {problem && (
          <div className="menu-empty">
            <Explained problem={problem} />
          </div>
        )}
        {found?.runs.map((other) => (
          <Link
            key={other.id}
            to={href('run', { run: other.id, tab: tab === 'overview' ? null : tab })}
            data-item
            className="picker-item"
            title={other.hash}
            aria-current={other.id === run.id ? 'true' : undefined}
            onNavigate={onPick}
          >
            <span className="menu-label">
              <bdi>{names(other)}</bdi>
              <span className="context">
                <bdi>{other.experiment}</bdi>
              </span>
            </span>
            <span className="menu-detail">
              <DateTime at={other.created_at} />
            </span>
            <Status status={other.status} diverged={other.diverged} />
          </Link>
        ))}
        {found?.listed === 0 && <p className="menu-empty">No run contains this text.</p>}
        {!found && !problem && <p className="menu-empty">Loading…</p>}
        {found && found.listed > found.runs.length && (
          <p className="menu-empty">{`${plural(found.listed - found.runs.length, 'more run')}: type part of a name.`}</p>
        )}
      </div>
    </div>
  );
}

/** Opens the first run at once, or as soon as the list answers the text; not if that is changed meanwhile. */
function useOnceCurrent(text: string, current: boolean, open: () => void): () => void {
  const [wanted, want] = useState<string | null>(null);
  const latest = useRef(open);
  useEffect(() => {
    latest.current = open;
  });
  useEffect(() => {
    if (wanted !== text || !current) return;
    want(null);
    latest.current();
  }, [wanted, text, current]);
  return () => want(text);
}
