/** The table of a comparison: a column per run, sections for params, metrics, environment and git. */
import type { ReactNode } from 'react';
import { formatValue } from '../../charts';
import { divergedText } from '../../explorer/diverged';
import { Button } from '../../parts/design/controls';
import { countText, plural } from '../../text/format';
import { href } from '../../parts/address';
import { Link } from '../../parts/Link';
import type { RunDetail } from '../../wire';
import type { Direction } from '../../text/direction';
import { runName } from '../../text/runName';
import { Status } from '../../parts/Status';
import { baselineAt, type ChangeCompare, type CompareState } from './address';
import { cellText, comparedNames, deltaOf, winners, type Comparison, type MetricRow, type PlainRow } from './rows';

interface CompareTableProps {
  details: readonly RunDetail[];
  of: Comparison;
  state: CompareState;
  change: ChangeCompare;
  /** Says which values of a metric are better. */
  onTurn: (metric: string, direction: Direction) => void;
}

export function CompareTable({ details, of, state, change, onTurn }: CompareTableProps): ReactNode {
  const base = baselineAt(details, state);
  const words = state.find.toLowerCase().split(/\s+/).filter(Boolean);
  const fits = (...texts: readonly string[]): boolean => {
    const text = texts.join(' ').toLowerCase();
    return words.every((word) => text.includes(word));
  };
  const plain = (rows: readonly PlainRow[]): readonly PlainRow[] =>
    words.length ? rows.filter((row) => fits(row.label, ...row.values.map(cellText))) : rows;
  const names = comparedNames(details);
  const part = { columns: details.length + 2, base, open: state.open, change, searched: words.length > 0 };
  const metrics = words.length ? of.metrics.filter((row) => fits(row.name, row.context)) : of.metrics;
  return (
    <div className="compare-table">
      <table>
        <thead>
          <tr>
            <th scope="col" colSpan={2} className="compare-corner">
              <span className="hidden-text">Field</span>
            </th>
            {details.map(({ run }, at) => (
              <th key={run.id} title={runName(run)} scope="col" className={at === base ? 'base' : ''}>
                <span className="compare-run">
                  <Link className="text-link" to={href('run', { run: run.id })}>
                    <bdi>{names[at]}</bdi>
                  </Link>
                  <Button
                    small
                    icon="close"
                    tip="Remove"
                    aria-label={`Remove ${runName(run)}`}
                    onClick={() =>
                      change({ runs: details.map((detail) => detail.run.id).filter((id) => id !== run.id) })
                    }
                  />
                </span>
                <span className="compare-run">
                  <Status status={run.status} diverged={run.diverged} />
                  <label className="compare-base">
                    <input
                      type="radio"
                      name="baseline"
                      checked={at === base}
                      onChange={() => change({ baseline: run.id })}
                    />
                    baseline
                  </label>
                </span>
              </th>
            ))}
          </tr>
        </thead>
        <CompareSection title="Params" id="params" rows={plain(of.params)} {...part}>
          {(row) => <Plain key={row.label} row={row} base={base} />}
        </CompareSection>
        <CompareSection title="Metrics" id="metrics" rows={metrics} {...part}>
          {(row) => <ComparedNumbers key={row.key} row={row} base={base} onTurn={onTurn} />}
        </CompareSection>
        <CompareSection title="Environment" id="environment" rows={plain(of.surroundings)} {...part}>
          {(row) => <Plain key={row.label} row={row} base={base} />}
        </CompareSection>
        <CompareSection title="Git" id="git" rows={plain(of.git)} {...part}>
          {(row) => <Plain key={row.label} row={row} base={base} />}
        </CompareSection>
      </table>
    </div>
  );
}

function CompareSection<T extends { readonly differs: boolean }>({
  title,
  id,
  rows,
  columns,
  open,
  change,
  searched,
  children,
}: {
  title: string;
  id: string;
  rows: readonly T[];
  columns: number;
  open: readonly string[];
  change: ChangeCompare;
  searched: boolean;
  children: (row: T) => ReactNode;
}): ReactNode {
  const differing = rows.filter((row) => row.differs);
  const equal = rows.filter((row) => !row.differs);
  const shown = open.includes(id);
  const toggle = (): void => change({ open: shown ? open.filter((other) => other !== id) : [...open, id] });
  return (
    <tbody>
      <tr className="compare-part">
        <th scope="rowgroup" colSpan={columns}>
          <span className="compare-part-line">
            {title}
            <span className="count">
              {rows.length === 0
                ? searched
                  ? 'no row contains this text'
                  : 'none were recorded'
                : differing.length === 0
                  ? 'no difference'
                  : `${countText(differing.length)} of ${countText(rows.length)} differ`}
            </span>
            {equal.length > 0 && (
              <Button small icon={shown ? 'up' : 'down'} aria-expanded={shown} onClick={toggle}>
                {shown ? 'Hide identical rows' : `Show ${plural(equal.length, 'identical row')}`}
              </Button>
            )}
          </span>
        </th>
      </tr>
      {differing.map(children)}
      {shown && equal.map(children)}
    </tbody>
  );
}

function Plain({ row, base }: { row: PlainRow; base: number }): ReactNode {
  const standard = JSON.stringify(row.values[base]);
  return (
    <tr className={row.differs ? '' : 'equal'}>
      <th scope="row" colSpan={2}>
        <bdi>{row.label}</bdi>
      </th>
      {row.values.map((value, at) => {
        const other = row.differs && JSON.stringify(value) !== standard;
        return (
          <td key={at} className={`${at === base ? 'base' : ''} ${other ? 'other' : ''}`}>
            <div className="compare-value" title={cellText(value)}>
              <bdi>{cellText(value)}</bdi>
            </div>
          </td>
        );
      })}
    </tr>
  );
}

function ComparedNumbers({
  row,
  base,
  onTurn,
}: {
  row: MetricRow;
  base: number;
  onTurn: CompareTableProps['onTurn'];
}): ReactNode {
  const turned = row.direction === 'min' ? 'max' : 'min';
  const className = row.differs ? '' : 'equal';
  return (
    <>
      <tr className={className}>
        <th scope="rowgroup" rowSpan={2}>
          <bdi>{row.name}</bdi>
          {row.context && (
            <span className="context">
              <bdi>{row.context}</bdi>
            </span>
          )}
          <RowEndings last={row.last} />
        </th>
        <th scope="row" className="measure">
          <Button
            small
            tip={`Best is the ${row.direction}imum. Use the ${turned}imum`}
            aria-label={`best: ${row.direction} of ${row.name}, use the ${turned}imum`}
            onClick={() => onTurn(row.name, turned)}
          >
            best: {row.direction}
          </Button>
        </th>
        <MeasureCells values={row.best} base={base} row={row} />
      </tr>
      <tr className={className}>
        <th scope="row" className="measure">
          last
        </th>
        <MeasureCells values={row.last} base={base} row={row} />
      </tr>
    </>
  );
}

/** How many of the runs with this metric ended with a number, if some did not. */
function RowEndings({ last }: Pick<MetricRow, 'last'>): ReactNode {
  const values = last.filter((value) => value !== null);
  const text = divergedText(values.length, values.filter((value) => !Number.isFinite(value)).length);
  return text && <span className="compare-diverged">{text}</span>;
}

function MeasureCells({
  values,
  base,
  row,
}: {
  values: readonly (number | null)[];
  base: number;
  row: MetricRow;
}): ReactNode {
  const best = winners(values, row.direction);
  return values.map((value, at) => {
    const delta = at === base ? null : deltaOf(value, values[base] ?? null, row.direction);
    return (
      <td key={at} className={at === base ? 'base number' : 'number'}>
        <span
          className={best.has(at) ? 'winner' : ''}
          title={best.has(at) ? `${value}, the best of these runs` : String(value ?? 'not recorded')}
        >
          {value === null ? '–' : formatValue(value)}
        </span>
        {delta && delta.better !== null && (
          <span className={`delta ${delta.better ? 'better' : 'worse'}`}>
            {Number.isFinite(delta.by) ? (
              <>
                <span aria-hidden="true">{delta.by > 0 ? '▲' : '▼'} </span>
                {delta.by > 0 ? '+' : '−'}
                {formatValue(Number(Math.abs(delta.by).toPrecision(3)))}
                {delta.part !== null && ` (${delta.by > 0 ? '+' : '−'}${percent(Math.abs(delta.part))})`}
                <span className="hidden-text">, {delta.better ? 'better' : 'worse'} than the baseline</span>
              </>
            ) : (
              <>
                {delta.better ? 'better' : 'worse'}
                <span className="hidden-text"> than the baseline</span>
              </>
            )}
          </span>
        )}
      </td>
    );
  });
}

function percent(part: number): string {
  const hundredths = part * 100;
  return hundredths >= 1000
    ? `×${(part + 1).toPrecision(3)}`
    : `${hundredths < 10 ? Number(hundredths.toPrecision(2)) : hundredths.toFixed(0)} %`;
}
