/** A list with a search field and a count above it, and what replaces it while it is empty or nothing matches. */
import type { ReactNode } from 'react';
import { findWords, hasWords } from '../text/find';
import { plural } from '../text/format';
import { adjust, useAddress } from './address';
import { Switch } from './design/controls';
import { FindField } from './design/FindField';
import { Notice } from './states';

interface SearchableProps<T> {
  readonly items: readonly T[];
  /** What one item is called; `counted` is the word for the count if it differs. */
  readonly noun: string;
  readonly counted?: string;
  /** The text of an item in which words are found. */
  readonly textOf: (item: T) => string;
  /** Archived items are hidden until the reader asks for them. */
  readonly isArchived?: (item: T) => boolean;
  /** Instead of a list without items. */
  readonly empty: ReactNode;
  readonly children: (shown: readonly T[]) => ReactNode;
}

export function Searchable<T>(props: SearchableProps<T>): ReactNode {
  const { items, noun, counted = noun, textOf, isArchived = () => false, empty, children } = props;
  const address = useAddress();
  const find = address.get('find') ?? '';
  const withArchived = address.get('archived') === '1';
  if (items.length === 0) return empty;
  const words = findWords(find);
  const shown = items.filter((item) => (withArchived || !isArchived(item)) && hasWords(textOf(item), words));
  const archived = items.filter(isArchived).length;
  return (
    <>
      <p className="table-find">
        <FindField
          label={`Find ${/^[aeiou]/.test(noun) ? 'an' : 'a'} ${noun}`}
          value={find}
          onFind={(text) => adjust({ find: text || null }, { replace: true })}
        />
        <span className="count">{plural(shown.length, counted)}</span>
        {archived > 0 && (
          <Switch checked={withArchived} onChange={(on) => adjust({ archived: on ? '1' : null })}>
            {`Show ${archived} archived`}
          </Switch>
        )}
      </p>
      {shown.length > 0 ? children(shown) : <NothingFound noun={noun} find={find} />}
    </>
  );
}

function NothingFound({ noun, find }: { noun: string; find: string }): ReactNode {
  if (find.trim() === '')
    return (
      <Notice icon="archive" title={`No ${noun} to show`}>
        <p>All are archived.</p>
      </Notice>
    );
  return (
    <Notice icon="search" title={`No ${noun} matches`}>
      <p>
        No {noun} contains “<bdi>{find}</bdi>”.
      </p>
    </Notice>
  );
}
