/** A searchable list of names and values. */
import { useState, type ReactNode } from 'react';
import { FindField } from './design/FindField';
import { Button } from './design/controls';
import { countText, plural } from '../text/format';

/** `title`: what hovering shows, if it is not the value. */
export type Pair = readonly [name: string, value: string, title?: string];

export function Pairs({ pairs }: { pairs: readonly Pair[] }): ReactNode {
  return (
    <dl className="pairs">
      {pairs.map(([name, value, title = value]) => (
        <div key={name}>
          <dt title={name}>
            <bdi>{name}</bdi>
          </dt>
          <dd title={title}>
            <bdi>{value}</bdi>
          </dd>
        </div>
      ))}
    </dl>
  );
}

const FIRST = 12;

export function ManyPairs({ pairs, noun }: { pairs: readonly Pair[]; noun: string }): ReactNode {
  const [find, setFind] = useState('');
  const [all, setAll] = useState(false);
  const word = find.trim().toLowerCase();
  const matching = word ? pairs.filter((pair) => pair.join(' ').toLowerCase().includes(word)) : pairs;
  const shown = all ? matching : matching.slice(0, FIRST);
  return (
    <>
      {pairs.length > FIRST && (
        <p className="table-find">
          <FindField label={`Find a ${noun}`} value={find} onFind={setFind} />
          {word && <span className="count">{`${countText(matching.length)} of ${plural(pairs.length, noun)}`}</span>}
        </p>
      )}
      {matching.length === 0 && (
        <p className="quiet">
          No {noun} contains “<bdi>{find}</bdi>”.
        </p>
      )}
      <Pairs pairs={shown} />
      {matching.length > FIRST && (
        <p className="card-foot">
          <Button small look="outline" aria-expanded={all} onClick={() => setAll(!all)}>
            {all ? 'Show fewer' : `Show all ${plural(matching.length, noun)}`}
          </Button>
        </p>
      )}
    </>
  );
}
