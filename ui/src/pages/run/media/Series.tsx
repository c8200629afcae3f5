/**
 * The common part of the media tabs: a card per series, search by name, loading when a card comes near, and a shared
 * step.
 */
import { itemAt } from '../../../text/lists';
import { useDeferredValue, useRef, useState, type ReactNode } from 'react';
import { FindField } from '../../../parts/design/FindField';
import { contextText } from '../../../data/result';
import { Button } from '../../../parts/design/controls';
import { useNear } from '../../../parts/useNear';
import { countText, plural } from '../../../text/format';
import type { MediaSeries } from '../../../wire';
import { seriesKey } from './useMedia';

const AT_ONCE = 24;

export function SeriesList({
  series,
  noun,
  wide = false,
  controls,
  children,
}: {
  series: readonly MediaSeries[];
  /** The noun for a value. */
  noun: string;
  wide?: boolean;
  controls?: ReactNode;
  children: (series: MediaSeries) => ReactNode;
}): ReactNode {
  const [find, setFind] = useState('');
  const [most, setMost] = useState(AT_ONCE);
  const word = useDeferredValue(find).trim().toLowerCase();
  const matching = series.filter(({ name, context }) => `${name} ${contextText(context)}`.toLowerCase().includes(word));
  return (
    <>
      <div className="table-find">
        {series.length > 3 && <FindField label="Find a name or a context" value={find} onFind={setFind} />}
        <span className="count">
          {word
            ? `${countText(matching.length)} of ${plural(series.length, 'series')}`
            : plural(series.length, 'series')}
        </span>
        {controls}
      </div>
      {matching.length === 0 && (
        <p className="quiet">
          No name and no context contains “<bdi>{find}</bdi>”.
        </p>
      )}
      <div className={wide ? 'object-list' : 'object-grid'}>
        {matching.slice(0, most).map((item) => (
          <WhenNear key={seriesKey(item)} title={item} noun={noun}>
            {children(item)}
          </WhenNear>
        ))}
      </div>
      {matching.length > most && (
        <p className="card-foot">
          <Button look="outline" onClick={() => setMost(most + AT_ONCE)}>
            {`Show more of ${plural(matching.length, 'series')}`}
          </Button>
        </p>
      )}
    </>
  );
}

function WhenNear({ title, noun, children }: { title: MediaSeries; noun: string; children: ReactNode }): ReactNode {
  const host = useRef<HTMLElement>(null);
  const near = useNear(host);
  const context = contextText(title.context);
  return (
    <section ref={host} className="card object-card" aria-label={[title.name, context].filter(Boolean).join(', ')}>
      <div className="card-head">
        <h2 title={title.name}>
          <bdi>{title.name}</bdi>
        </h2>
        {context && (
          <span className="context" title={context}>
            <bdi>{context}</bdi>
          </span>
        )}
        <span className="stretch" />
        <span className="count">
          {plural(title.count, noun)}
          {title.steps !== title.count && `, ${plural(title.steps, 'step')}`}
        </span>
      </div>
      {near ? children : <div className="object-wait" />}
    </section>
  );
}

/** Chooses a step; the slider has one stop per step, whatever the distances. */
export function StepSlider({
  steps,
  at,
  onChange,
  label,
}: {
  steps: readonly number[];
  at: number;
  onChange: (index: number) => void;
  label: string;
}): ReactNode {
  const step = steps[at];
  if (step === undefined) return null;
  if (steps.length === 1) return <p className="count step-slider">{`Step ${countText(step)}`}</p>;
  return (
    <div className="slider step-slider">
      <input
        type="range"
        min={0}
        max={steps.length - 1}
        step={1}
        value={at}
        aria-label={label}
        aria-valuetext={`step ${step}`}
        onChange={(event) => onChange(Number(event.target.value))}
      />
      <output className="count">
        Step <strong>{countText(step)}</strong>
        {` of ${countText(itemAt(steps, steps.length - 1))}`}
      </output>
    </div>
  );
}

/** The newest step is chosen until the user chooses another, which stays when new ones arrive. */
export function useStep(steps: readonly number[]): [number, (index: number) => void] {
  const [step, setStep] = useState<number | null>(null);
  const last = steps.length - 1;
  const nearest =
    step === null
      ? last
      : steps.reduce(
          (best, other, at) => (Math.abs(other - step) < Math.abs(itemAt(steps, best) - step) ? at : best),
          0,
        );
  return [nearest, (index) => setStep(index === last ? null : itemAt(steps, index))];
}
