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
    <span className="wall-contexts" title={contexts.map(({ text }) => text).join('\n')}>
      {contexts.slice(0, FIRST).map(({ text, label, dash }) => (
        <span key={text}>
          <Swatch color="currentColor" dash={dash} />
          <bdi>{label}</bdi>
        </span>
      ))}
      {contexts.length > FIRST && <span className="wall-contexts-more">+{contexts.length - FIRST}</span>}
    </span>
  );
}
