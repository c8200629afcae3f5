/** The end of a list of metrics: how many are not listed, or that none is called so. */
import type { ReactNode } from 'react';
import { countText } from '../text/format';
import type { useMetricNames } from './useMetricNames';

interface NamesEndProps {
  named: ReturnType<typeof useMetricNames>;
  find: string;
  /** Items above, besides those of the server. */
  others: number;
}

export function NamesEnd({ named, find, others }: NamesEndProps): ReactNode {
  if (named === null || named.find !== find) return <p className="menu-empty">Searching…</p>;
  const left = named.matched - named.names.length;
  if (left > 0) return <p className="menu-empty">{`and ${countText(left)} more: type to find them`}</p>;
  if (named.matched + others > 0) return null;
  return find.trim() === '' ? (
    <p className="menu-empty">No metric was tracked yet.</p>
  ) : (
    <p className="menu-empty">
      No name of a metric contains “<bdi>{find}</bdi>”.
    </p>
  );
}
