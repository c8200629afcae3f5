/** One number: the highest or lowest of the shown runs, or the first or last of the newest one that has it. */
import { useMemo, type ReactNode } from 'react';
import { formatValue } from '../../charts';
import { Swatch } from '../../explorer/Swatch';
import { href } from '../../parts/address';
import { Link } from '../../parts/Link';
import { DivergedMark } from '../../parts/Status';
import { plural } from '../../text/format';
import type { LoadedProps } from './chartProps';
import { valuesOf } from './values';

export function NumberBody({ item, shown, visible, series }: LoadedProps): ReactNode {
  const { value } = item.chart;
  const { look } = shown;
  const values = useMemo(() => valuesOf(series, value, look.hidden), [series, value, look.hidden]);
  const numbers = values.filter((one) => !Number.isNaN(one.value));
  const newest = visible.find((id) => values.some((one) => one.series.run.id === id));
  const one =
    value === 'max'
      ? numbers[0]
      : value === 'min'
        ? numbers[numbers.length - 1]
        : values.find(({ series: { run } }) => run.id === newest);
  if (!one) return <p className="quiet board-none">None of the shown runs has this metric.</p>;
  const { run } = one.series;
  const runs = new Set(values.map((other) => other.series.run.id)).size;
  const which = value === 'max' ? 'Highest of' : value === 'min' ? 'Lowest of' : `The ${value} of the newest of`;
  return (
    <div className="board-number">
      <p>
        <output>{formatValue(one.value)}</output>
      </p>
      <p className="board-number-run">
        <Swatch color={look.colorOf(run)} dash={[]} />
        <Link className="plain-link" to={href('run', { run: run.id })} title={look.nameOf(run)}>
          <bdi>{look.nameOf(run)}</bdi>
        </Link>
        <DivergedMark run={run} />
      </p>
      <p className="quiet">
        {which} {plural(runs, 'run')}
      </p>
    </div>
  );
}
