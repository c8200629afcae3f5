/** One chart of the wall in place of all: the metrics explorer on that metric with the same runs. */
import { useEffect, useMemo, useRef, useState, type ReactNode } from 'react';
import { useSeriesSearch } from '../../explorer/useSeriesSearch';
import { Explorer } from '../../explorer/Explorer';
import { serialize } from '../../explorer/view/url';
import { useView, ViewContext } from '../../explorer/view/useView';
import { DEFAULT_VIEW, type View } from '../../explorer/view/view';
import { viewInAddress } from '../../explorer/view/viewInAddress';
import { Link } from '../../parts/Link';
import { Button } from '../../parts/design/controls';
import { Boundary } from '../../parts/design/Boundary';
import { Failed, Gone, Skeleton } from '../../parts/states';
import { useFrame } from '../../parts/useFrame';
import { metricWords } from '../../text/words';
import { AddToDashboard } from '../dashboards/AddToDashboard';
import { conditionOn } from './runList';
import type { WallView } from './wallView';

interface EnlargedProps {
  metric: string;
  /** Ids of the shown runs. */
  runs: readonly string[];
  sources: readonly string[];
  wall: Pick<WallView, 'axis' | 'smoothing'>;
  onClose: () => void;
  /** To the chart before or after this one; null where there is none. */
  onStep: { readonly before: (() => void) | null; readonly after: (() => void) | null };
}

export function Enlarged({ metric, runs, sources, wall, onClose, onStep }: EnlargedProps): ReactNode {
  const q = useMemo(
    () => (runs.length === 0 ? null : `${metricWords(metric, sources)} if ${conditionOn(runs)}`),
    [metric, sources, runs],
  );
  const { axis: x, smoothing: smooth } = wall;
  const standard = useMemo<View>(() => ({ ...DEFAULT_VIEW, q, x, smooth }), [q, x, smooth]);
  useEscape(onClose);
  const panel = useFocusInside();
  return (
    <div ref={panel} className="enlarged" role="dialog" aria-label={metric} tabIndex={-1}>
      <Inside key={metric} metric={metric} wall={wall} q={q} standard={standard} onClose={onClose} onStep={onStep} />
    </div>
  );
}

function Inside({
  metric,
  wall,
  q,
  standard,
  onClose,
  onStep,
}: Pick<EnlargedProps, 'metric' | 'wall' | 'onClose' | 'onStep'> & { q: string | null; standard: View }): ReactNode {
  const [store] = useState(() => viewInAddress(standard));
  return (
    <ViewContext value={store}>
      <header className="enlarged-head">
        <h2>
          <bdi>{metric}</bdi>
        </h2>
        <Button icon="left" tip="Previous chart" disabled={!onStep.before} onClick={() => onStep.before?.()} />
        <Button icon="right" tip="Next chart" disabled={!onStep.after} onClick={() => onStep.after?.()} />
        <span className="stretch" />
        <AddToDashboard name={metric} view={wall} />
        <ExplorerLink q={q} />
        <Button icon="close" tip="Close (Escape)" onClick={onClose} />
      </header>
      <EnlargedResult q={q} />
    </ViewContext>
  );
}

function ExplorerLink({ q }: { q: string | null }): ReactNode {
  const [view] = useView();
  return (
    <Link className="button outline" to={serialize({ ...view, q })}>
      Open in metrics explorer
    </Link>
  );
}

/** `q` follows the shown runs; the view keeps its own of when the chart was enlarged. */
function EnlargedResult({ q }: { q: string | null }): ReactNode {
  const [view] = useView();
  const { theme, server } = useFrame();
  const { search, searcher, drawn } = useSeriesSearch({ ...view, q });
  const { problem, phase, gone } = search;
  if (drawn && drawn.result.items.length > 0)
    return (
      <Boundary resetOn={drawn.result}>
        <Explorer {...drawn} theme={theme} stale={phase === 'failed'} />
      </Boundary>
    );
  if (gone || !server.reachable) return <Gone unable={server.unable} />;
  if (problem) return <Failed problem={problem} onRetry={() => searcher.again()} />;
  if (q === null) return <p className="quiet wall-none">No runs are shown.</p>;
  if (phase === 'done') return <p className="quiet wall-none">None of the shown runs has this metric.</p>;
  return <Skeleton />;
}

/** Popovers and drags that Escape ends keep it for themselves. */
function useEscape(onEscape: () => void): void {
  const latest = useRef(onEscape);
  useEffect(() => {
    latest.current = onEscape;
  });
  useEffect(() => {
    const key = (event: KeyboardEvent): void => {
      if (event.key === 'Escape' && !event.defaultPrevented && !document.querySelector('dialog[open]'))
        latest.current();
    };
    document.addEventListener('keydown', key);
    return () => document.removeEventListener('keydown', key);
  }, []);
}

/** The focus goes inside, and back when it closes. */
function useFocusInside(): React.RefObject<HTMLDivElement | null> {
  const panel = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const before = document.activeElement;
    panel.current?.focus({ preventScroll: true });
    return () => {
      if (before instanceof HTMLElement && before.isConnected) before.focus({ preventScroll: true });
    };
  }, []);
  return panel;
}
