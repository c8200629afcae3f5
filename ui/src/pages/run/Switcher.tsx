/** Switches to another run on the same tab: searches runs of all experiments, with this experiment's runs first. */
import { DateTime } from '../../parts/DateTime';
import { useDeferredValue, useState, type ReactNode } from 'react';
import { Choice } from '../../parts/design/controls';
import { PopoverButton, walkItems } from '../../parts/design/Popover';
import { plural } from '../../text/format';
import { href } from '../../parts/address';
import { Link } from '../../parts/Link';
import { useFrame } from '../../parts/useFrame';
import type { Run } from '../../wire';
import { useApi } from '../../data/api';
import { runName } from '../../text/runName';
import { WITH_ARCHIVED } from '../../text/words';
import { Status } from '../../parts/Status';
import { useAsked } from '../../parts/useAsked';

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

function Picker({ run, tab, onPick }: { run: Run; tab: string; onPick: () => void }): ReactNode {
  const { ask } = useApi();
  const { server } = useFrame();
  const [experiment, setExperiment] = useState<string | null>(run.experiment);
  const [find, setFind] = useState('');
  const word = useDeferredValue(find).trim().toLowerCase();
  const asked = useAsked('runs to switch to', (signal) => ask.runs(WITH_ARCHIVED, signal));
  const all = asked.data ?? [];
  const matching = all.filter(
    (other) =>
      (word !== '' || experiment === null || other.experiment === experiment) &&
      (word === '' || [other.name, other.hash, other.experiment, ...other.tags].join(' ').toLowerCase().includes(word)),
  );
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
            event.currentTarget.closest('.picker')?.querySelector<HTMLElement>('a[data-item]')?.click();
          }}
        />
        {word === '' && experiments.length > 1 && (
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
      <div className="picker-list">
        {matching.slice(0, LISTED).map((other) => (
          <Link
            key={other.id}
            to={href('run', { run: other.id, tab: tab === 'overview' ? null : tab })}
            data-item
            className="picker-item"
            aria-current={other.id === run.id ? 'true' : undefined}
            onNavigate={onPick}
          >
            <span className="menu-label">
              <bdi>{runName(other)}</bdi>
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
        {asked.data && matching.length === 0 && <p className="menu-empty">No run has this name.</p>}
        {!asked.data && <p className="menu-empty">{asked.problem ? asked.problem.message : 'Loading…'}</p>}
        {matching.length > LISTED && (
          <p className="menu-empty">{`${plural(matching.length - LISTED, 'more run')}: type part of a name.`}</p>
        )}
      </div>
    </div>
  );
}
