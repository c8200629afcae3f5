/** Texts for pages without charts. Each state names the next step. */
import { useEffect, useState, type ReactNode } from 'react';
import { useApi } from '../data/api';
import { Button } from '../parts/design/controls';
import { Icon } from '../parts/design/Icon';
import { recentQueries } from '../parts/memory';
import { CopyButton, Notice, QueryText } from '../parts/states';
import { suggestionOf } from '../text/suggestion';
import { countText, plural } from '../text/format';
import { listedWords } from '../text/words';
import { LIKELY } from './likely';

const SCRIPT = `import aim

run = aim.Run(experiment="first")
run["hparams"] = {"lr": 0.01}
for step in range(100):
    run.track(1 / (step + 1), name="loss")
`;

export function EmptyRepo({ root }: { root: string }): ReactNode {
  return (
    <Notice title="Record the first run">
      <p>
        This project has no runs yet. Put these lines into a training script in{' '}
        <code>
          <bdi>{root}</bdi>
        </code>{' '}
        and start it. The run appears here while it trains.
      </p>
      <div className="script">
        <pre tabIndex={0} aria-label="Example script">
          <code>{SCRIPT}</code>
        </pre>
        <CopyButton text={SCRIPT} what="script" />
      </div>
      <p className="waiting">
        <span className="pulse" aria-hidden="true" /> Waiting for the first run…
      </p>
    </Notice>
  );
}

interface StartNames {
  metrics: readonly string[];
  /** How many more there are. */
  left: number;
  /** Those that most people want first come first. */
  examples: readonly string[];
  params: readonly string[];
}

const CHIPS = 24;

/** Metrics and params of this project. */
function useNames(runs: number): StartNames | null {
  const { ask } = useApi();
  const [names, setNames] = useState<StartNames | null>(null);
  useEffect(() => {
    const abort = new AbortController();
    const condition = 'x if ';
    Promise.all([
      ask.metricNames('', CHIPS, abort.signal),
      ask.complete(condition, condition.length, abort.signal),
      ...LIKELY.map((word) => ask.metricNames(word, 1, abort.signal)),
    ]).then(
      ([every, after, ...likely]) => {
        const params = after.items.filter(({ kind }) => kind === 'param').map(({ text }) => text);
        const examples = [...likely, every].flatMap(listedWords);
        setNames({ metrics: listedWords(every), left: every.matched - every.names.length, examples, params });
      },
      () => undefined,
    );
    return () => abort.abort();
  }, [ask, runs]);
  return names;
}

/** The metric that most people want first, if this project has it. */
const liked = (names: readonly string[], likely: RegExp): string | undefined =>
  names.find((name) => likely.test(name)) ?? names[0];

function examples({ examples: metrics, params }: StartNames): { query: string; says: string }[] {
  const first = liked(metrics, /loss/i);
  if (first === undefined) return [];
  const second = liked(
    metrics.filter((name) => name !== first),
    /acc|score|auc|f1/i,
  );
  const param = liked(params, /(^|[._])(lr|learning_rate)$/i);
  return [
    { query: first, says: `${first} of every run` },
    ...(second === undefined ? [] : [{ query: `${first}, ${second}`, says: 'two metrics, one chart each' }]),
    ...(param === undefined ? [] : [{ query: `${first} if ${param} is not None`, says: `runs that have ${param}` }]),
    { query: `${first} if run.status == "running"`, says: 'only what is training now' },
    { query: `${first} if run.duration > 60`, says: 'runs longer than a minute' },
  ];
}

export function Start({ runs, onSearch }: { runs: number; onSearch: (query: string) => void }): ReactNode {
  const names = useNames(runs);
  const [picked, setPicked] = useState<readonly string[]>([]);
  const recent = recentQueries().slice(0, 5);
  const toggle = (text: string): void =>
    setPicked(picked.includes(text) ? picked.filter((item) => item !== text) : [...picked, text]);
  return (
    <div className="start">
      <h2>What do you want to see?</h2>
      <p className="start-lead">{plural(runs, 'run')} recorded. Choose metrics, or write a query above.</p>
      {names === null && (
        <div className="start-chips" aria-hidden="true">
          {[88, 120, 72, 104, 96].map((width) => (
            <span key={width} className="skeleton chip" style={{ width }} />
          ))}
        </div>
      )}
      {names && (
        <div className="start-chips" role="group" aria-label="Metrics">
          {names.metrics.map((name) => (
            <button
              key={name}
              type="button"
              className="chip"
              aria-pressed={picked.includes(name)}
              onClick={() => toggle(name)}
              onDoubleClick={() => onSearch(name)}
            >
              {picked.includes(name) && <Icon name="check" size={12} />}
              <bdi>{name}</bdi>
            </button>
          ))}
          {names.left > 0 && (
            <span className="count">
              and {countText(names.left)} more: type in the box, or find them under <i>Metrics</i>
            </span>
          )}
          {picked.length > 0 && (
            <Button look="primary" icon="axis" onClick={() => onSearch(picked.join(', '))}>
              Show {plural(picked.length, 'metric')}
            </Button>
          )}
        </div>
      )}
      <div className="start-lists">
        {names && names.metrics.length > 0 && (
          <QueryList title="Examples" items={examples(names)} onSearch={onSearch} />
        )}
        {recent.length > 0 && (
          <QueryList title="Recent" items={recent.map((query) => ({ query, says: '' }))} onSearch={onSearch} />
        )}
      </div>
    </div>
  );
}

function QueryList({
  title,
  items,
  onSearch,
}: {
  title: string;
  items: readonly { query: string; says: string }[];
  onSearch: (query: string) => void;
}): ReactNode {
  return (
    <section className="query-list">
      <h3>{title}</h3>
      <ul>
        {items.map(({ query, says }) => (
          <li key={query}>
            <button type="button" onClick={() => onSearch(query)}>
              <QueryText text={query} />
              {says && (
                <span>
                  <bdi>{says}</bdi>
                </span>
              )}
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}

/** A note about the query; what it suggests is a button. */
function NoteText({
  note,
  query,
  onSearch,
}: {
  note: string;
  query: string;
  onSearch: (query: string) => void;
}): ReactNode {
  const suggested = suggestionOf(note, query);
  if (!suggested)
    return (
      <span>
        <bdi>{note}</bdi>
      </span>
    );
  return (
    <span>
      <bdi>{suggested.fact}</bdi>; did you mean{' '}
      <Button small look="outline" aria-label={`Search ${suggested.query}`} onClick={() => onSearch(suggested.query)}>
        <bdi>{suggested.guess}</bdi>
      </Button>
      ?
    </span>
  );
}

interface AnswerNotesProps {
  notes: readonly string[];
  query: string;
  onSearch: (query: string) => void;
}

/** What the server says about an answer without anything in it. What it suggests can be clicked. */
export function AnswerNotes({ notes, query, onSearch }: AnswerNotesProps): ReactNode {
  if (notes.length === 0) return null;
  return (
    <ul className="notes">
      {notes.map((note) => (
        <li key={note}>
          <Icon name="alert" size={14} />
          <NoteText note={note} query={query} onSearch={onSearch} />
        </li>
      ))}
    </ul>
  );
}

export function NoMatch({
  query,
  notes,
  checked,
  onSearch,
}: {
  query: string;
  notes: readonly string[];
  checked: number;
  onSearch: (query: string) => void;
}): ReactNode {
  const [bare = '', condition] = query.split(/\sif\s/);
  return (
    <Notice icon="search" title="Nothing matches">
      <p>{checked > 0 ? `None of ${plural(checked, 'run')} match.` : 'No runs match.'}</p>
      <AnswerNotes notes={notes} query={query} onSearch={onSearch} />
      {condition !== undefined && (
        <Button look="outline" onClick={() => onSearch(bare.trim())}>
          Search without the condition: <QueryText text={bare.trim()} />
        </Button>
      )}
    </Notice>
  );
}
