/** A row of large numbers. */
import type { ReactNode } from 'react';
import { countText } from '../text/format';

export function KeyFigures({ figures }: { figures: readonly (readonly [string, number | string])[] }): ReactNode {
  return (
    <dl className="figures">
      {figures.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{typeof value === 'number' ? countText(value) : value}</dd>
        </div>
      ))}
    </dl>
  );
}
