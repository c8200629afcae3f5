/**
 * The statement as a form: metrics and contexts to tick, and a condition on runs. It reads and writes the text of the
 * box.
 */
import { listedWords } from '../text/words';
import { Fragment, useEffect, useState, type ReactNode } from 'react';
import { useApi } from '../data/api';
import { isSystem } from '../text/system';
import type { Contexts } from '../wire';
import { Button } from '../parts/design/controls';
import { Icon } from '../parts/design/Icon';
import { PopoverButton, walkItems } from '../parts/design/Popover';
import { countText, plural } from '../text/format';
import {
  metricsText,
  metricText,
  readForm,
  sameMetric,
  selectedBy,
  toggleContext,
  toggleMetric,
  writeForm,
  type Form,
} from '../text/statement';
import { NamesEnd } from './NamesEnd';
import { useMetricNames } from './useMetricNames';
import { findWords, hasWords } from '../text/find';

interface SelectFormProps {
  statement: string;
  onChange: (statement: string) => void;
  onSearch: (statement: string) => void;
}

export function SelectButton(props: SelectFormProps): ReactNode {
  const { metrics } = readForm(props.statement);
  return (
    <PopoverButton
      small
      icon="filter"
      label="Select metrics and runs"
      tip="The query as a form"
      aria-label={metricsText(metrics)}
      panel={(close) => <SelectForm {...props} close={close} />}
    >
      <span className="select-count">{metricsText(metrics)}</span>
    </PopoverButton>
  );
}

function useContexts(): Contexts {
  const { ask } = useApi();
  const [contexts, setContexts] = useState<Contexts>({ keys: [], total: 0 });
  useEffect(() => {
    const abort = new AbortController();
    ask.contexts(abort.signal).then(setContexts, () => undefined);
    return () => abort.abort();
  }, [ask]);
  return contexts;
}

/** As AimQL writes a value of a context, without quotes. */
const textOfValue = (value: unknown): string =>
  typeof value === 'boolean' ? (value ? 'True' : 'False') : value === null ? 'None' : String(value);

/** Chosen items are always listed, even if the server does not offer them. */
const withChosen = (offered: readonly string[], chosen: readonly string[]): string[] => [
  ...new Set([...offered, ...chosen]),
];

function SelectForm({ statement, onChange, onSearch, close }: SelectFormProps & { close: () => void }): ReactNode {
  const [find, setFind] = useState('');
  // As typed, because a half-written condition would be reformatted.
  const [filter, setFilter] = useState({ text: '', of: '' });
  const named = useMetricNames(find);
  const contexts = useContexts();
  const form = readForm(statement);
  const set = (next: Form): void => onChange(writeForm(next));
  const words = findWords(find);
  const isChosen = (metric: string): boolean => form.metrics.some((item) => sameMetric(item, metric));
  const offered = named === null ? [] : listedWords(named);
  const more = form.metrics.filter((item) => item !== '*' && !offered.some((metric) => sameMetric(metric, item)));
  const listed = [...offered, ...more].filter((metric) => hasWords(metricText(metric), words));
  const own = listed.filter((metric) => !isSystem(selectedBy(metric).name));
  const system = listed.filter((metric) => isSystem(selectedBy(metric).name));
  const keys = withChosen(
    contexts.keys.map(({ key }) => key),
    form.contexts.map(({ key }) => key),
  );
  return (
    <form
      className="picker select-form"
      onSubmit={(event) => {
        event.preventDefault();
        close();
        onSearch(statement);
      }}
    >
      <div onKeyDown={walkItems}>
        <div className="picker-head">
          <input
            className="field"
            type="search"
            placeholder="Find a metric…"
            aria-label="Find a metric"
            value={find}
            onChange={(event) => setFind(event.target.value)}
            onKeyDown={(event) => event.key === 'Enter' && find !== '' && event.preventDefault()}
            data-autofocus
          />
        </div>
        {form.metrics.length > 0 && (
          <div className="select-chips" role="group" aria-label="Chosen metrics">
            {form.metrics.map((metric) => (
              <button
                key={metric}
                type="button"
                className="chip small"
                aria-label={`Remove ${metricText(metric)}`}
                onClick={() => set(toggleMetric(form, metric))}
              >
                <bdi>{metricText(metric)}</bdi>
                <Icon name="close" size={10} />
              </button>
            ))}
            <Button small onClick={() => set({ ...form, metrics: [] })}>
              Clear all
            </Button>
          </div>
        )}
        <div className="picker-list select-list" role="group" aria-label="Metrics">
          {[own, system].map((group) => (
            <Fragment key={group === own ? 'own' : 'system'}>
              {group === system && system.length > 0 && <h3>System</h3>}
              {group.map((metric) => (
                <TickItem
                  key={metric}
                  name={metricText(metric)}
                  on={isChosen(metric)}
                  onClick={() => set(toggleMetric(form, metric))}
                />
              ))}
            </Fragment>
          ))}
          <NamesEnd named={named} find={find} others={listed.length} />
        </div>
      </div>
      {keys.map((key) => {
        const on = form.contexts.find((choice) => choice.key === key)?.values ?? [];
        const known = contexts.keys.find((context) => context.key === key);
        const left = (known?.total ?? 0) - (known?.values.length ?? 0);
        return (
          <div key={key} className="select-context" role="group" aria-label={`Context ${key}`}>
            <span className="select-key">
              <bdi>{key}</bdi>
            </span>
            {withChosen((known?.values ?? []).map(textOfValue), on).map((value) => (
              <button
                key={value}
                type="button"
                className="chip small"
                aria-pressed={on.includes(value)}
                onClick={() => set(toggleContext(form, key, value))}
              >
                <bdi>{value}</bdi>
              </button>
            ))}
            {on.length === 0 && <span className="count">any</span>}
            {left > 0 && (
              <span className="count">{`and ${countText(left)} more: write them as a condition below`}</span>
            )}
          </div>
        );
      })}
      {contexts.total > contexts.keys.length && (
        <p className="count">
          {plural(contexts.total - contexts.keys.length, 'more key')} of contexts: write them as a condition below.
        </p>
      )}
      <label className="select-filter">
        <span>Runs for which</span>
        <input
          className="field mono"
          placeholder="hparams.lr < 0.01 and run.duration > 60"
          aria-label="Condition on runs"
          spellCheck={false}
          value={filter.of === statement ? filter.text : form.filter}
          onChange={(event) => {
            const next = writeForm({ ...form, filter: event.target.value });
            setFilter({ text: event.target.value, of: next });
            onChange(next);
          }}
        />
      </label>
      <div className="picker-foot">
        <Button small onClick={() => onChange('')}>
          Reset
        </Button>
        <Button small look="primary" type="submit" disabled={form.metrics.length === 0}>
          Search
        </Button>
      </div>
    </form>
  );
}

function TickItem({ name, on, onClick }: { name: string; on: boolean; onClick: () => void }): ReactNode {
  return (
    <button type="button" role="checkbox" aria-checked={on} data-item className="picker-item" onClick={onClick}>
      <span className="picker-mark" aria-hidden="true">
        {on && <Icon name="check" size={12} />}
      </span>
      <span className="menu-label">
        <bdi>{name}</bdi>
      </span>
    </button>
  );
}
