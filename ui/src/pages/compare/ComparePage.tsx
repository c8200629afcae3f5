/** Two to twenty runs side by side: their curves, then what differs, identical rows folded. */
import { itemAt } from '../../text/lists';
import { useMemo, type ReactNode } from 'react';
import { FindField } from '../../parts/design/FindField';
import { ApiError } from '../../data/error';
import { Button } from '../../parts/design/controls';
import { PopoverButton } from '../../parts/design/Popover';
import { useToast } from '../../parts/design/Toast';
import { csvOf, download, fileName } from '../../text/csv';
import { Notice } from '../../parts/states';
import { adjust, useAddress } from '../../parts/address';
import { MOST_COMPARED as MOST, useApi, type Api } from '../../data/api';
import { EmptyRepo } from '../../explorer/states';
import { useDirections } from '../../parts/directions';
import { useFrame, useNews, useTitle } from '../../parts/useFrame';
import type { RunDetail } from '../../wire';
import type { Direction } from '../../text/direction';
import { runName } from '../../text/runName';
import { Answer } from '../../parts/Sheet';
import { useAsked, usePaced } from '../../parts/useAsked';
import { readCompare, writeCompare, type ChangeCompare, type CompareState } from './address';
import { CompareCurves } from './CompareCurves';
import { CompareTable } from './CompareTable';
import { RunPicker } from './RunPicker';
import { comparison, csvRows } from './rows';
import './compare.css';

interface LoadedRuns {
  readonly details: readonly RunDetail[];
  /** Missing runs, as the address names them. */
  readonly missing: readonly string[];
}

async function load(ask: Api['ask'], runs: readonly string[], signal: AbortSignal): Promise<LoadedRuns> {
  const answers = await Promise.all(
    runs.map((run) =>
      ask.run(run, signal).catch((error: unknown) => {
        if (error instanceof ApiError && error.status === 404) return run;
        throw error;
      }),
    ),
  );
  const details = answers.filter((answer) => typeof answer !== 'string');
  return { details, missing: answers.filter((answer) => typeof answer === 'string') };
}

export default function ComparePage(): ReactNode {
  const { ask } = useApi();
  const state = readCompare(useAddress());
  const change: ChangeCompare = (next) =>
    adjust(writeCompare({ ...state, ...next }), { replace: next.find !== undefined });
  const asked = useAsked(`compare ${state.runs.join(' ')}`, (signal) => load(ask, state.runs, signal));
  const again = usePaced(asked.again);
  const { details = [], missing = [] } = asked.data ?? {};
  const ids = details.map(({ run }) => run.id);
  useNews({
    // Any new run may be a missing one, because addresses also have hashes.
    changed: (runs) => (missing.length > 0 || runs.some((run) => ids.includes(run))) && again(),
    missed: again,
  });
  useTitle('Compare');
  return (
    <div className="compare">
      <h1 className="hidden-text">Compare runs</h1>
      <Answer of={asked}>{(data) => <CompareContent loaded={data} state={state} change={change} />}</Answer>
    </div>
  );
}

function CompareContent({
  loaded: { details, missing },
  state,
  change,
}: {
  loaded: LoadedRuns;
  state: CompareState;
  change: ChangeCompare;
}): ReactNode {
  const directions = useDirections();
  const of = useMemo(
    () => comparison(details, (name) => state.directions.get(name) ?? directions.of(name)),
    [details, state.directions, directions],
  );
  const turn = (name: string, direction: Direction): void => {
    const others = new Map([...state.directions].filter(([other]) => other !== name));
    if (directions.set === null) change({ directions: others.set(name, direction) });
    else void directions.set(name, direction).then((done) => done && change({ directions: others }));
  };
  const picked = details.map(({ run }) => run.id);
  const { project } = useFrame().server;
  if (project?.runs === 0 && details.length === 0) return <EmptyRepo root={project.root} />;
  if (details.length < 2)
    return (
      <div className="sheet">
        <div className="sheet-inner compare-start">
          <Missing runs={missing} change={change} state={state} />
          <Notice icon="diff" title={details.length ? 'Choose runs to compare with' : 'Pick runs to compare'}>
            <p>
              {details.length === 1 && (
                <>
                  “<bdi>{runName(itemAt(details, 0).run)}</bdi>” is picked.{' '}
                </>
              )}
              Compare 2 to {MOST} runs side by side: their curves, then what differs.
            </p>
          </Notice>
          <RunPicker picked={picked} onPick={(runs) => change({ runs })} />
        </div>
      </div>
    );
  return (
    <>
      <div className="compare-bar" role="toolbar" aria-label="Comparison">
        <FindField
          label="Find a row"
          placeholder="Find a param, metric or fact"
          value={state.find}
          onFind={(text) => change({ find: text })}
        />
        <span className="count">{`${details.length} runs`}</span>
        <span className="stretch" />
        <PopoverButton
          small
          icon="plus"
          label="Runs to compare"
          panel={() => <RunPicker picked={picked} onPick={(runs) => change({ runs })} />}
        >
          Runs
        </PopoverButton>
        <Exports
          rows={() =>
            csvRows(
              details.map(({ run }) => runName(run)),
              of,
            )
          }
        />
      </div>
      <Missing runs={missing} change={change} state={state} />
      <div className="compare-body" role="region" aria-label="Comparison" tabIndex={0}>
        <CompareCurves details={details} state={state} change={change} />
        <CompareTable details={details} of={of} state={state} change={change} onTurn={turn} />
      </div>
    </>
  );
}

function Exports({ rows }: { rows: () => unknown[][] }): ReactNode {
  const toast = useToast();
  const failed = (): void =>
    toast({ text: 'The browser does not allow copying here. Download the file.', tone: 'danger' });
  const copy = (): void => {
    if (!navigator.clipboard) failed();
    else navigator.clipboard.writeText(csvOf(rows())).then(() => toast({ text: 'Copied as CSV.' }), failed);
  };
  return (
    <>
      <Button small icon="copy" onClick={copy}>
        Copy CSV
      </Button>
      <Button
        small
        icon="download"
        tip="Download as CSV"
        onClick={() => download(new Blob([csvOf(rows())], { type: 'text/csv' }), fileName('compare', 'csv'))}
      />
    </>
  );
}

function Missing({
  runs,
  state,
  change,
}: {
  runs: readonly string[];
  state: CompareState;
  change: ChangeCompare;
}): ReactNode {
  const { project } = useFrame().server;
  if (runs.length === 0) return null;
  const names = <bdi>{runs.join(', ').slice(0, 300)}</bdi>;
  if (project?.indexing)
    return (
      <p className="compare-missing" role="status">
        <span>Runs of this link that are not indexed yet: {names}. This page shows each once it is indexed.</span>
      </p>
    );
  return (
    <p className="compare-missing" role="status">
      <span>
        {runs.length === 1
          ? 'One run of this link was not found: '
          : `${runs.length} runs of this link were not found: `}
        {names}. {runs.length === 1 ? 'It' : 'They'} may have been deleted, or the link is for another repository.
      </span>
      <Button small onClick={() => change({ runs: state.runs.filter((run) => !runs.includes(run)) })}>
        Remove
      </Button>
    </p>
  );
}
