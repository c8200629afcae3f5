/** The common state of all pages that draw runs: style, columns, possible axes, and the hovered run. */
import { useCallback, useEffect, useMemo, useState } from 'react';
import type { Item, Result } from '../../data/result';
import type { Theme } from '../../parts/design/theme';
import type { Column } from '../../explorer/columns';
import { Highlight } from '../../explorer/highlight';
import type { Row } from '../../explorer/rows';
import { tooltipFields } from '../../explorer/Tooltip';
import { useStyle, type Style } from '../../explorer/useStyle';
import { itemToken, toggleAll } from '../../explorer/visibility';
import { useFrame } from '../../parts/useFrame';
import { runColumns } from '../runs/columns';
import { VALUES } from '../runs/reducers';
import { recordedIn } from '../runs/runTable';
import type { RunPageProps } from '../runs/RunCondition';
import { useRunColumns, type RunColumns } from '../runs/useRunColumns';
import { choices, standardAxes, standardMetric } from './axes';
import { PlotPointer } from './pointer';

export interface Plots {
  readonly result: Result<Item>;
  readonly theme: Theme;
  readonly style: Style<Item>;
  readonly columns: RunColumns;
  /** The possible axes, and the default ones. */
  readonly possible: readonly Column<Item>[];
  readonly standard: readonly string[];
  readonly highlight: Highlight;
  readonly pointer: PlotPointer;
  /** The default fields of the tooltip. */
  readonly told: readonly string[];
  readonly onToggle: (row: Row<Item>) => void;
  readonly onHold: (row: Row<Item>) => void;
  readonly pin: (key: string | null) => void;
}

export function usePlots({ table, view, change }: RunPageProps): Plots {
  const { theme } = useFrame();
  const { result } = table;
  const [highlight] = useState(() => new Highlight());
  const [pointer] = useState(() => new PlotPointer(highlight));
  const style = useStyle(result, view, theme);
  const columns = useRunColumns(table, view, change, style.names);
  const { wanted } = columns;
  const possible = useMemo(() => {
    const every = { values: VALUES, own: new Map(), besides: wanted.reducers.besides };
    return choices(runColumns(recordedIn(table), { ...wanted, reducers: every }));
  }, [table, wanted]);
  const standard = useStandardAxes(possible, result);
  const { color, stroke, chart } = style.fields;
  const told = useMemo(() => tooltipFields(result, [...color, ...stroke, ...chart]), [result, color, stroke, chart]);

  const { hidden, solo } = view;
  const onToggle = useCallback(
    (row: Row<Item>) => change(toggleAll({ hidden, solo }, row.members.map(itemToken))),
    [change, hidden, solo],
  );
  const held = view.pin?.key ?? null;
  const pin = useCallback(
    (key: string | null) => change({ pin: key === null ? null : { key, x: 0 } }, 'adjust'),
    [change],
  );
  const onHold = useCallback(({ key }: Row<Item>) => pin(key === held ? null : key), [pin, held]);
  useEffect(() => {
    if (pointer.pointed?.key !== held) pointer.hold(null);
  }, [pointer, held]);
  return { result, theme, style, columns, possible, standard, highlight, pointer, told, onToggle, onHold, pin };
}

/** Ranked once when an answer has arrived, and not again when some of its runs go on. */
function useStandardAxes(possible: readonly Column<Item>[], result: Result<Item>): readonly string[] {
  const of = [result.statement, result.seconds > 0, standardMetric(possible)?.id].join('\n');
  const [held, hold] = useState<{ of: string; axes: readonly string[] } | null>(null);
  if (held?.of === of) return held.axes;
  const axes = standardAxes(possible, result);
  hold({ of, axes });
  return axes;
}
