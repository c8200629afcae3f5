/** The points of charts of some runs, kept up to date. */
import { useEffect, useState } from 'react';
import { search } from '../../data/search';
import { useSource } from '../../data/source';
import { useFrame, useNews } from '../../parts/useFrame';
import { useSteady } from '../../parts/useSteady';
import { WallCurves, type WantedCurves } from './wallCurves';

/** `columns`: the detail of a line, if not that of a small chart. */
export function useCurves({ runs, x, smooth, sources: given }: WantedCurves, columns?: number): WallCurves {
  const source = useSource();
  const { reachable } = useFrame().server;
  const sources = useSteady(given);
  const [curves] = useState(
    () =>
      new WallCurves(
        source,
        columns === undefined ? undefined : (wanted, signal) => search(source, { ...wanted, columns }, signal),
      ),
  );
  useEffect(() => curves.want({ runs, x, smooth, sources }), [curves, runs, x, smooth, sources]);
  useEffect(() => {
    if (reachable) curves.again();
  }, [curves, reachable]);
  useEffect(() => () => curves.stop(), [curves]);
  useNews({ changed: (runs) => curves.changed(runs), began: (revision) => curves.heard(revision) });
  return curves;
}
