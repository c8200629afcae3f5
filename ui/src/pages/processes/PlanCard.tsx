/** The preview before a start: trials, exact arguments, program, folder, and differences from the original run. */
import type { ReactNode } from 'react';
import { Icon } from '../../parts/design/Icon';
import { countText, plural } from '../../text/format';
import { useFrame } from '../../parts/useFrame';
import type { Difference, QueuePreview } from '../../wire';
import { Labeled } from '../../parts/Dialog';
import { Arguments } from './Arguments';
import { FactRow } from './CommandCard';
import type { Source } from './source';
import type { Plan } from './usePlan';
import { trialValueText } from './values';

interface PlanProps {
  plan: Plan;
  /** There is no command yet. */
  empty: boolean;
  source: Source;
  /** The trial whose command is shown, from 0. */
  chosen: number;
  onChoose: (chosen: number) => void;
  experiment: string | null;
  slots: number;
  name: string;
  onName: (name: string) => void;
  children: ReactNode;
}

export function PlanCard({
  plan,
  empty,
  source,
  chosen,
  onChoose,
  experiment,
  slots,
  name,
  onName,
  children,
}: PlanProps): ReactNode {
  const { trials, preview, problem, stale } = plan;
  const count = trials?.trials.length ?? 0;
  const many = count > 1;
  return (
    <section className="card plan" aria-label="Preview" aria-busy={stale && !empty}>
      <h2 className="plan-title" aria-live="polite">
        {empty
          ? 'Nothing to start yet'
          : problem
            ? 'Cannot start'
            : many
              ? `${plural(count, 'trial')}, ${slots < count ? `${slots} at a time` : 'all at once'}`
              : 'One process'}
      </h2>
      {problem && !empty && (
        <p className="plan-problem" role="alert">
          <Icon name="alert" size={14} />
          <span>
            <bdi>{problem.message}</bdi> {problem.hint && <bdi>{problem.hint}</bdi>}
          </span>
        </p>
      )}
      {!problem && !empty && (
        <div>
          {trials && many && <Trials trials={trials} chosen={chosen} onChoose={onChoose} />}
          {preview && (
            <>
              <h3>{many ? `Command of trial ${chosen + 1}` : 'Command'}</h3>
              <Arguments
                argv={preview.argv}
                was={wasOf(preview.argv, preview.differences)}
                label="Arguments that the program gets"
              />
              <dl className="pairs command-pairs">
                <FactRow name="Program" value={preview.program} />
                <FactRow name="Working folder" value={preview.cwd} />
                <FactRow name="Experiment" value={experiment ?? 'default'} />
                {preview.env.map((variable) => (
                  <FactRow key={variable.name} name={variable.name} value={variable.value} />
                ))}
              </dl>
              {source.kind === 'run' && <Differences differences={preview.differences} runs={source.draft.runs} />}
            </>
          )}
        </div>
      )}
      {!empty && (
        <Labeled label={many ? 'Name of the queue' : 'Name of the run'}>
          <input
            className="field"
            value={name}
            maxLength={200}
            placeholder={many ? 'optional' : 'optional; default: a hash'}
            onChange={(event) => onName(event.target.value)}
          />
        </Labeled>
      )}
      <div className="plan-actions">{children}</div>
      {!empty && <Who />}
    </section>
  );
}

/** The arguments of the original run, with the differences applied backward; null if there are none. */
function wasOf(argv: readonly string[], differences: readonly Difference[]): readonly string[] | null {
  const was: (string | null)[] = [...argv];
  let any = false;
  for (const { kind, name, was: before } of differences) {
    const at = kind === 'program' ? 0 : kind === 'argument' ? Number(/\d+$/.exec(name)?.[0]) : NaN;
    if (Number.isNaN(at)) continue;
    was[at] = before;
    any = true;
  }
  return any ? was.filter((value) => value !== null) : null;
}

function Who(): ReactNode {
  const { server } = useFrame();
  return (
    <p className="plan-who quiet">
      No shell is used: each box is one argument. Who started it, and from where, is recorded in{' '}
      <bdi>{server.project ? server.project.root : 'the repository'}</bdi>.
    </p>
  );
}

const SHOWN = 300;

function Trials({
  trials: { params, trials, combinations },
  chosen,
  onChoose,
}: {
  trials: QueuePreview;
  chosen: number;
  onChoose: (chosen: number) => void;
}): ReactNode {
  const sampled = combinations === null || combinations > trials.length;
  return (
    <>
      <div className="trial-preview" role="region" aria-label="Trials" tabIndex={0}>
        <table>
          <thead>
            <tr>
              <th scope="col">Trial</th>
              {params.map((name) => (
                <th key={name} scope="col">
                  <bdi>{name}</bdi>
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {trials.slice(0, SHOWN).map((row, at) => (
              <tr key={at} className={at === chosen ? 'chosen' : ''} onClick={() => onChoose(at)}>
                <th scope="row">
                  <button type="button" aria-pressed={at === chosen} aria-label={`Show the command of trial ${at + 1}`}>
                    {at + 1}
                  </button>
                </th>
                {row.map((value, column) => (
                  <td key={column}>
                    <bdi>{trialValueText(value)}</bdi>
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <p className="count">
        {trials.length > SHOWN ? `The first ${SHOWN} of ${countText(trials.length)}. ` : ''}
        {sampled
          ? combinations === null
            ? 'Random sample.'
            : `Random sample of ${combinations} combinations.`
          : 'All combinations.'}
      </p>
    </>
  );
}

const KINDS: Readonly<Record<Difference['kind'], string>> = {
  param: '',
  argument: '',
  program: 'program',
  folder: 'working folder',
  commit: 'git commit',
  python: 'Python',
};

/** Differences in arguments are marked in place. `runs`: how many the process of the original run recorded. */
function Differences({ differences, runs }: { differences: readonly Difference[]; runs: number }): ReactNode {
  const listed = differences.filter(({ kind }) => kind !== 'argument');
  if (runs > 1)
    return (
      <>
        <p className="differences-none">
          <Icon name="alert" size={14} /> {differences.length === 0 && 'The command is the same. '}
          The process of the original run recorded {plural(runs, 'run')}: this starts all of them again.
        </p>
        <ListedDifferences listed={listed} />
      </>
    );
  if (differences.length === 0)
    return (
      <p className="differences-none">
        <Icon name="check" size={14} /> No differences from the original run.
      </p>
    );
  return <ListedDifferences listed={listed} />;
}

function ListedDifferences({ listed }: { listed: readonly Difference[] }): ReactNode {
  if (listed.length === 0) return null;
  return (
    <>
      <h3>Differences</h3>
      <table className="differences">
        <thead>
          <tr>
            <th scope="col">What</th>
            <th scope="col">Original run</th>
            <th scope="col">Now</th>
          </tr>
        </thead>
        <tbody>
          {listed.map(({ kind, name, was, now }, at) => (
            <tr key={at}>
              <th scope="row">
                <bdi>{kind === 'param' ? name : KINDS[kind]}</bdi>
              </th>
              <td>
                {was === null ? (
                  <span className="quiet">–</span>
                ) : (
                  <del>
                    <bdi>{was}</bdi>
                  </del>
                )}
              </td>
              <td>
                {now === null ? (
                  <span className="quiet">–</span>
                ) : (
                  <ins>
                    <bdi>{now}</bdi>
                  </ins>
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </>
  );
}
