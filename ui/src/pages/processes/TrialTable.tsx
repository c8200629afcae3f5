/** Every trial of a queue: its values, state and results, and actions for one or several trials. */
import { useState, type ReactNode } from 'react';
import { formatValue } from '../../charts';
import { Button, Checkbox } from '../../parts/design/controls';
import { Icon } from '../../parts/design/Icon';
import { countText, durationText, plural } from '../../text/format';
import { useHighlighted, type Highlight } from '../../explorer/highlight';
import { adjust, href, useAddress } from '../../parts/address';
import { Link } from '../../parts/Link';
import type { QueueDetail, Trial } from '../../wire';
import { Dialog } from '../../parts/Dialog';
import { useEdit } from '../../parts/useEdit';
import { useNow } from '../../parts/useNow';
import type { Measured } from '../runs/measured';
import { useLaunch } from './launch';
import type { TrialStyle } from './QueueChart';
import type { Direction } from '../../text/direction';
import { State } from './State';
import { durationOf, ENDED, movedTrial, numeric, OPEN, readSort, sortedTrials, sortText, type Reached } from './trials';
import { trialValueText } from './values';

interface TrialTableProps {
  detail: QueueDetail;
  /** The parameters with a column. */
  places: readonly number[];
  metric: Measured | undefined;
  direction: Direction;
  of: (run: string | null) => Reached;
  styles: ReadonlyMap<string, TrialStyle>;
  highlight: Highlight;
  allowed: boolean;
  onChanged: () => void;
}

const AT_ONCE = 200;

export interface Actions {
  readonly cancel: (numbers: readonly number[]) => void;
  readonly retry: (numbers: readonly number[]) => void;
  readonly order: (numbers: readonly number[]) => void;
}

function useActions(queue: string, onChanged: () => void): Actions {
  const { write } = useLaunch();
  const edit = useEdit();
  const trials = (numbers: readonly number[], action: 'cancel' | 'retry', said: string): void =>
    void edit([], () => write.trials({ queue, trials: [...numbers], action }), said).then(onChanged);
  return {
    cancel: (numbers) => trials(numbers, 'cancel', `${plural(numbers.length, 'trial')} canceled.`),
    retry: (numbers) => trials(numbers, 'retry', `Retrying ${plural(numbers.length, 'trial')}.`),
    order: (numbers) => void edit([], () => write.editQueue({ queue, order: [...numbers] })).then(onChanged),
  };
}

export function TrialTable({
  detail,
  places,
  metric,
  direction,
  of,
  styles,
  highlight,
  allowed,
  onChanged,
}: TrialTableProps): ReactNode {
  const { queue, params, trials } = detail;
  const sort = readSort(useAddress().get('sort'));
  const now = useNow(trials.some(({ state }) => state === 'running'));
  const [most, setMost] = useState(AT_ONCE);
  const [selected, setSelected] = useState<ReadonlySet<number>>(new Set());
  const [stopping, setStopping] = useState<readonly number[] | null>(null);
  const direct = useActions(queue.id, onChanged);
  const actions: Actions = {
    ...direct,
    cancel: (numbers) => (alive(trials, numbers).length > 0 ? setStopping(numbers) : direct.cancel(numbers)),
  };
  const shown = sortedTrials(trials, sort, params, ({ run }) => of(run), now);
  const toggle = (numbers: readonly number[], on: boolean): void => {
    const next = new Set(selected);
    for (const number of numbers) {
      if (on) next.add(number);
      else next.delete(number);
    }
    setSelected(next);
  };
  const metricName = metric && [metric.name, metric.contextText && `(${metric.contextText})`].filter(Boolean).join(' ');
  const head = (key: string, label: string, end = false): ReactNode => (
    <TrialHead id={key} label={label} end={end} sort={sort} />
  );
  const numbers = new Set(places.filter((at) => isNumbers(trials, at)));
  const chosen = trials.filter(({ number }) => selected.has(number));
  return (
    <section className="card trials" aria-label="Trials">
      <div className="card-head">
        <h2>Trials</h2>
        <span className="count">{plural(trials.length, 'trial')}</span>
        <span className="stretch" />
        {chosen.length > 0 && (
          <SelectedTrials
            trials={chosen}
            all={trials}
            allowed={allowed}
            actions={actions}
            onClear={() => setSelected(new Set())}
          />
        )}
      </div>
      <div className="plain-table trial-table" role="region" aria-label="Table of trials" tabIndex={0}>
        <table>
          <thead>
            <tr>
              <th scope="col" className="marks">
                <Checkbox
                  checked={chosen.length === trials.length}
                  mixed={chosen.length > 0 && chosen.length < trials.length}
                  label="Select all trials"
                  onChange={(on) =>
                    toggle(
                      trials.map(({ number }) => number),
                      on,
                    )
                  }
                />
              </th>
              {head('order', 'Trial')}
              {head('state', 'State')}
              {places.map((at) => (
                <TrialHead
                  key={params[at]}
                  id={`p.${params[at]}`}
                  label={params[at] ?? ''}
                  end={numbers.has(at)}
                  sort={sort}
                />
              ))}
              {metric && head('last', `${metricName} last`, true)}
              {metric && head('best', direction === 'min' ? 'lowest' : 'highest', true)}
              {head('duration', 'Duration', true)}
              <th scope="col">Run</th>
              <th scope="col">
                <span className="hidden-text">Actions</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {shown.slice(0, most).map((trial) => (
              <TrialRow
                key={trial.number}
                trial={trial}
                trials={trials}
                places={places}
                numbers={numbers}
                reached={metric ? of(trial.run) : null}
                style={trial.run === null ? undefined : styles.get(trial.run)}
                highlight={highlight}
                now={now}
                selected={selected.has(trial.number)}
                onSelect={(on) => toggle([trial.number], on)}
                actions={allowed ? actions : null}
                ordered={sort.key === 'order' && !sort.down}
              />
            ))}
          </tbody>
        </table>
      </div>
      {shown.length > most && (
        <Button look="outline" onClick={() => setMost(most + AT_ONCE)}>
          {`Show ${Math.min(AT_ONCE, shown.length - most)} more of ${plural(shown.length, 'trial')}`}
        </Button>
      )}
      {stopping && (
        <StopTrials
          running={alive(trials, stopping)}
          waiting={stopping.length - alive(trials, stopping).length}
          onStop={() => direct.cancel(stopping)}
          onClose={() => setStopping(null)}
        />
      )}
    </section>
  );
}

/** The trials whose process would be stopped. */
const alive = (trials: readonly Trial[], numbers: readonly number[]): readonly number[] =>
  trials
    .filter(({ number, state }) => numbers.includes(number) && (state === 'running' || state === 'starting'))
    .map(({ number }) => number);

function StopTrials({
  running,
  waiting,
  onStop,
  onClose,
}: {
  running: readonly number[];
  waiting: number;
  onStop: () => void;
  onClose: () => void;
}): ReactNode {
  const several = running.length > 1;
  return (
    <Dialog
      title={several ? `Stop ${countText(running.length)} running trials?` : `Stop trial ${running[0]}?`}
      action="Stop"
      danger
      onSave={async () => onStop()}
      onClose={onClose}
    >
      <p>
        {several ? `The processes of trials ${running.join(', ')} get` : 'Its process gets'} SIGINT now, after 10
        seconds SIGTERM, after 10 more SIGKILL. Recorded data is kept.
      </p>
      {waiting > 0 && <p>{plural(waiting, 'waiting trial')} will not start.</p>}
    </Dialog>
  );
}

const isNumbers = (trials: readonly Trial[], at: number): boolean =>
  trials.every(({ values }) => !Number.isNaN(numeric(values[at])));

function TrialHead({
  id,
  label,
  end,
  sort,
}: {
  id: string;
  label: string;
  end: boolean;
  sort: ReturnType<typeof readSort>;
}): ReactNode {
  const own = sort.key === id;
  return (
    <th scope="col" className={end ? 'end' : ''} aria-sort={own ? (sort.down ? 'descending' : 'ascending') : undefined}>
      <button
        type="button"
        className="sort-head"
        onClick={() => adjust({ sort: sortText({ key: id, down: own && !sort.down }) }, { replace: true })}
      >
        <bdi>{label}</bdi>
        {own && (id !== 'order' || sort.down) && <Icon name={sort.down ? 'down' : 'up'} size={12} />}
      </button>
    </th>
  );
}

function TrialRow({
  trial,
  trials,
  places,
  numbers,
  reached,
  style,
  highlight,
  now,
  selected,
  onSelect,
  actions,
  ordered,
}: {
  trial: Trial;
  trials: readonly Trial[];
  places: readonly number[];
  /** The columns that contain numbers. */
  numbers: ReadonlySet<number>;
  /** Null if there is no metric to show. */
  reached: Reached | null;
  style: TrialStyle | undefined;
  highlight: Highlight;
  now: number;
  selected: boolean;
  onSelect: (on: boolean) => void;
  /** Null if nothing can be changed. */
  actions: Actions | null;
  /** The table is sorted by start order. */
  ordered: boolean;
}): ReactNode {
  const { number, state, why, run, values, tries } = trial;
  const lit = useHighlighted(highlight, run ?? '-');
  return (
    <tr
      className={[lit ? 'lit' : '', selected ? 'selected' : '', state].join(' ')}
      onMouseEnter={() => run !== null && highlight.set({ key: run, run: { id: run } })}
      onMouseLeave={() => highlight.set(null)}
    >
      <td className="marks">
        <Checkbox checked={selected} label={`Select trial ${number}`} onChange={onSelect} />
      </td>
      <th scope="row">
        <span className="key" style={style ? { background: style.color } : undefined} aria-hidden="true" />
        {number}
        {tries > 1 && <span className="quiet"> · try {tries}</span>}
      </th>
      <td>
        <State state={state} why={why} />
        {why !== null && (
          <span className="trial-why" title={why}>
            <bdi>{why}</bdi>
          </span>
        )}
      </td>
      {places.map((at) => (
        <td key={at} className={numbers.has(at) ? 'end number' : ''}>
          <bdi>{trialValueText(values[at])}</bdi>
        </td>
      ))}
      {reached && <td className="end number">{Number.isNaN(reached.last) ? '' : formatValue(reached.last)}</td>}
      {reached && <td className="end number">{Number.isNaN(reached.best) ? '' : formatValue(reached.best)}</td>}
      <td className="end number">
        {Number.isNaN(durationOf(trial, now)) ? '' : durationText(Math.max(0, durationOf(trial, now)))}
      </td>
      <td>
        {run !== null && (
          <>
            <Link className="text-link" to={href('run', { run })} aria-label={`Run of trial ${number}`}>
              run
            </Link>
            {' · '}
            <Link className="text-link soft" to={href('process', { run })} aria-label={`Output of trial ${number}`}>
              output
            </Link>
          </>
        )}
      </td>
      <td className="end">
        {actions && <RowActions trial={trial} trials={trials} actions={actions} ordered={ordered} />}
      </td>
    </tr>
  );
}

function RowActions({
  trial,
  trials,
  actions,
  ordered,
}: {
  trial: Trial;
  trials: readonly Trial[];
  actions: Actions;
  ordered: boolean;
}): ReactNode {
  const { number, state } = trial;
  const waiting = trials.filter((item) => item.state === 'waiting');
  return (
    <span className="row-actions">
      {state === 'waiting' && ordered && (
        <>
          <Button
            small
            icon="up"
            aria-label={`Start trial ${number} earlier`}
            tip="Earlier"
            disabled={waiting[0]?.number === number}
            onClick={() => actions.order(movedTrial(trials, number, -1))}
          />
          <Button
            small
            icon="down"
            aria-label={`Start trial ${number} later`}
            tip="Later"
            disabled={waiting[waiting.length - 1]?.number === number}
            onClick={() => actions.order(movedTrial(trials, number, 1))}
          />
        </>
      )}
      {OPEN.has(state) && (
        <Button
          small
          icon={state === 'waiting' ? 'close' : 'stop'}
          tip={state === 'waiting' ? 'Cancel' : 'Stop: SIGINT, SIGTERM after 10 s, SIGKILL after 20 s'}
          aria-label={state === 'waiting' ? `Cancel trial ${number}` : `Stop trial ${number}`}
          onClick={() => actions.cancel([number])}
        />
      )}
      {(ENDED.has(state) || state === 'canceled') && (
        <Button
          small
          icon="reset"
          tip="Retry"
          aria-label={`Retry trial ${number}`}
          onClick={() => actions.retry([number])}
        />
      )}
    </span>
  );
}

function SelectedTrials({
  trials,
  all,
  allowed,
  actions,
  onClear,
}: {
  trials: readonly Trial[];
  all: readonly Trial[];
  allowed: boolean;
  actions: Actions;
  onClear: () => void;
}): ReactNode {
  const numbers = (fits: (trial: Trial) => boolean): number[] => trials.filter(fits).map(({ number }) => number);
  const waiting = numbers(({ state }) => state === 'waiting');
  const open = numbers(({ state }) => OPEN.has(state));
  const again = numbers(({ state }) => ENDED.has(state) || state === 'canceled');
  const runs = trials.flatMap(({ run }) => (run === null ? [] : [run]));
  const first = [...waiting, ...all.map(({ number }) => number).filter((number) => !waiting.includes(number))];
  return (
    <div className="selected-trials" role="toolbar" aria-label="Selected trials">
      <span className="count strong">{countText(trials.length)} selected</span>
      {runs.length > 1 && runs.length <= 20 && (
        <Link className="button small" to={href('compare', { run: runs })}>
          <Icon name="diff" size={14} /> Compare
        </Link>
      )}
      {allowed && waiting.length > 0 && (
        <Button small icon="up" onClick={() => actions.order(first)}>
          Start first
        </Button>
      )}
      {allowed && open.length > 0 && (
        <Button small icon="stop" onClick={() => actions.cancel(open)}>
          {`Cancel ${countText(open.length)}`}
        </Button>
      )}
      {allowed && again.length > 0 && (
        <Button small icon="reset" onClick={() => actions.retry(again)}>
          {`Retry ${countText(again.length)}`}
        </Button>
      )}
      <Button small icon="close" tip="Clear selection" onClick={onClear} />
    </div>
  );
}
