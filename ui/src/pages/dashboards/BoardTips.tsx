/** The values at the pointer, for the charts of each x axis. */
import { useCallback, useSyncExternalStore, type ReactNode } from 'react';
import type { XAxis } from '../../data/axis';
import type { Series } from '../../data/result';
import { dasher, type RunLook } from '../home/lines';
import { WallTip } from '../home/WallTip';
import { metricsOf } from './board';
import type { BoardCurves } from './boardCurves';

interface BoardTipsProps {
  curves: BoardCurves;
  look: RunLook;
}

export function BoardTips({ curves, look }: BoardTipsProps): ReactNode {
  const axes = useSyncExternalStore(curves.subscribe, () => curves.axes);
  return axes.map((x) => <BoardTip key={x} x={x} curves={curves} look={look} />);
}

function BoardTip({ x, curves, look }: BoardTipsProps & { x: XAxis }): ReactNode {
  const sync = curves.syncOf(x);
  const seriesOf = useCallback((key: string) => curves.seriesOf(x, key), [curves, x]);
  const dashOf = useCallback(
    (item: Series) => {
      const chart = curves.chartOf((sync.chart && sync.charts.get(sync.chart)) ?? '');
      return chart ? dasher(metricsOf(chart).flatMap((name) => curves.of(chart).of(name) ?? []))(item) : 0;
    },
    [curves, sync],
  );
  return <WallTip sync={sync} seriesOf={seriesOf} dashOf={dashOf} look={look} x={x} />;
}
