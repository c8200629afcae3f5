/** The common part of the media tabs: a card per series, search by name, loading when a card comes near. */
import { useDeferredValue, useRef, useState, type ReactNode } from 'react';
import { FindField } from '../../../parts/design/FindField';
import { contextText } from '../../../data/result';
import { Button } from '../../../parts/design/controls';
import { useNear } from '../../../parts/useNear';
import { countText, plural } from '../../../text/format';
import type { MediaSeries } from '../../../wire';
import { SharedSlider } from './step';
import { seriesKey } from './useMedia';

const AT_ONCE = 24;

export function SeriesList({
  series,
  noun,
  wide = false,
  shared = true,
  controls,
  children,
}: {
  series: readonly MediaSeries[];
  /** The noun for a value. */
  noun: string;
  wide?: boolean;
  /** Whether the series show steps that one slider moves. */
  shared?: boolean;
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
        {shared && series.length > 1 && <SharedSlider />}
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
