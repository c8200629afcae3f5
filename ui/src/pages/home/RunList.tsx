/** The runs at the left of the wall: found, shown and hidden, one of them the baseline. */
import { memo, useEffect, useRef, type ReactNode } from 'react';
import { useApi } from '../../data/api';
import type { Run } from '../../data/result';
import { useHighlightedRun, type Highlight } from '../../explorer/highlight';
import { Button, Choice } from '../../parts/design/controls';
import { FindField } from '../../parts/design/FindField';
import { href } from '../../parts/address';
import { Link } from '../../parts/Link';
import { useAsked, usePaced } from '../../parts/useAsked';
import { useNews } from '../../parts/useFrame';
import { rowsIn, useViewport } from '../../parts/virtual';
import { agoText } from '../../text/ago';
import { countText, plural } from '../../text/format';
import { DivergedMark, MEANING } from '../../parts/Status';
import { runName } from '../../text/runName';
import type { FoundRuns } from '../runs/found';
import type { RunLook } from './lines';
import { useTyped } from './useTyped';
import type { ChangeWall } from './useWall';
import { NEWEST, type WallView } from './wallView';
import { toggled } from './runList';

const ROW = 30;
/** What a list of names must show. */
const MARKED: readonly Run['status'][] = ['running', 'failed', 'killed', 'lost'];

interface RunListProps {
  list: FoundRuns;
  /** Drawn runs that are not in the list. */
  others: readonly Run[];
  drawn: readonly string[];
  view: WallView;
  change: ChangeWall;
  look: RunLook;
  highlight: Highlight;
  /** Asks for more rows. */
  onEnd: () => void;
}

export function RunList({ list, others, drawn, view, change, look, highlight, onEnd }: RunListProps): ReactNode {
  const { runs, listed, matched } = list;
  const scroller = useRef<HTMLDivElement>(null);
  const viewport = useViewport(scroller);
  const [text, setText] = useTyped(view.text, (text) => change({ text }, { replace: true }));
  const pinned = [...others, ...runs].filter(({ id }) => id === view.baseline);
  const rows = [...pinned, ...others, ...runs].filter(({ id }, at) => id !== view.baseline || at < pinned.length);
  const [first, end] = rowsIn(viewport.top, viewport.height, ROW, rows.length);
  const near = end >= rows.length && runs.length < listed && viewport.height > 0;
  useEffect(() => {
    if (near) onEnd();
  }, [near, onEnd, runs.length]);
  const isDrawn = new Set(drawn.filter((id) => !view.hide.includes(id)));
  const toggle = (id: string): void => change(toggled(id, runs, view));
  const pin = (id: string): void => change({ baseline: view.baseline === id ? null : id });
  return (
    <>
      <div className="wall-runs-head">
        <ExperimentChoice view={view} change={change} />
        <FindField label="Find a run" value={text} onFind={setText} />
        <p className="wall-runs-count">
          <span>
            {listed === matched
              ? `${countText(isDrawn.size)} of ${plural(matched, 'run')} shown`
              : `${countText(isDrawn.size)} shown · ${countText(listed)} of ${plural(matched, 'run')} match`}
          </span>
          <span className="stretch" />
          <NewestChoice view={view} change={change} />
        </p>
      </div>
      <div ref={scroller} className="wall-runs-scroll" role="group" aria-label="Listed runs" tabIndex={-1}>
        <ul style={{ height: rows.length * ROW }}>
          {rows.slice(first, end).map((run, at) => (
            <RunRow
              key={run.id}
              run={run}
              top={(first + at) * ROW}
              color={look.colorOf(run)}
              name={look.nameOf(run)}
              shown={isDrawn.has(run.id)}
              baseline={run.id === view.baseline}
              highlight={highlight}
              onToggle={toggle}
              onPin={pin}
            />
          ))}
        </ul>
        {rows.length === 0 && <p className="quiet wall-none">No runs match.</p>}
      </div>
    </>
  );
}

interface RunRowProps {
  run: Run;
  /** Told apart from the others. */
  name: string;
  top: number;
  color: string;
  shown: boolean;
  baseline: boolean;
  highlight: Highlight;
  onToggle: (id: string) => void;
  onPin: (id: string) => void;
}

const RunRow = memo(function RunRow(props: RunRowProps): ReactNode {
  const { run, name, top, color, shown, baseline, highlight, onToggle, onPin } = props;
  const whole = runName(run);
  const lit = useHighlightedRun(highlight, run.id);
  return (
    <li
      className={`wall-run ${shown ? '' : 'off'} ${lit ? 'lit' : ''} ${baseline ? 'baseline' : ''}`}
      style={{ top, height: ROW }}
      onPointerEnter={() => shown && highlight.set({ key: run.id, run })}
      onPointerLeave={() => highlight.set(null)}
    >
      <button
        type="button"
        className="wall-dot"
        aria-pressed={shown}
        aria-label={`Show ${whole}`}
        title={shown ? 'Hide its lines' : 'Show its lines'}
        onClick={() => onToggle(run.id)}
      >
        <span style={shown ? { background: color, borderColor: color } : undefined} />
      </button>
      <Link
        className="plain-link"
        to={href('run', { run: run.id })}
        title={`${whole}\n${run.experiment}, ${run.status}, ${agoText(run.created_at)}`}
      >
        <bdi>{name}</bdi>
      </Link>
      <DivergedMark run={run} />
      {MARKED.includes(run.status) && (
        <span className={`status ${run.status}`} title={MEANING[run.status]}>
          <span className={`status-dot ${run.status === 'running' ? 'beat' : ''}`} aria-hidden="true" />
          <span className="hidden-text">{run.status}</span>
        </span>
      )}
      <Button
        small
        icon="pin"
        active={baseline}
        aria-pressed={baseline}
        aria-label={`Baseline: ${whole}`}
        title={baseline ? 'The baseline: its lines are thick. Click to unpin' : 'Pin as the baseline'}
        onClick={() => onPin(run.id)}
      />
    </li>
  );
});

function ExperimentChoice({ view, change }: Pick<RunListProps, 'view' | 'change'>): ReactNode {
  const { ask } = useApi();
  const asked = useAsked('experiments', (signal) => ask.experiments(signal));
  const again = usePaced(asked.again, 5000);
  useNews({ changed: again });
  const known = (asked.data?.experiments ?? []).filter(({ archived }) => !archived).map(({ name }) => name);
  const names = view.experiment === null || known.includes(view.experiment) ? known : [view.experiment, ...known];
  const options = [
    { value: '', label: 'All experiments' },
    ...names.map((name) => ({ value: `=${name}`, label: name })),
  ];
  return (
    <Choice
      label="Experiment"
      value={view.experiment === null ? '' : `=${view.experiment}`}
      options={options}
      onChange={(value) => change({ experiment: value === '' ? null : value.slice(1), newest: undefined, hide: [] })}
    />
  );
}

function NewestChoice({ view, change }: Pick<RunListProps, 'view' | 'change'>): ReactNode {
  return (
    <Choice
      label="How many of the newest runs are shown"
      value={String(view.newest)}
      options={[...new Set([...NEWEST, view.newest])].map((count) => ({
        value: String(count),
        label: `newest ${count}`,
      }))}
      onChange={(value) => change({ newest: Number(value) })}
    />
  );
}
