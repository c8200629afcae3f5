/** What the dashes of a chart mean. */
import { useMemo, type ReactNode } from 'react';
import type { Series } from '../../data/result';
import { Swatch } from '../../explorer/Swatch';
import { contextsOf } from './lines';

const FIRST = 3;

export function ContextDashes({ series }: { series: readonly Series[] }): ReactNode {
  const contexts = useMemo(() => contextsOf(series), [series]);
  if (contexts.length < 2) return null;
  return (
    <span className="wall-contexts">
      {contexts.slice(0, FIRST).map(({ text, dash }) => (
        <span key={text} title={text}>
          <Swatch color="currentColor" dash={dash} />
          <bdi>{text}</bdi>
        </span>
      ))}
      {contexts.length > FIRST && <span>+{contexts.length - FIRST}</span>}
    </span>
  );
}
