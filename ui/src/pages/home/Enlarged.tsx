/** One chart of lines in place of all charts: the metrics explorer on its query. */
import { useState, type ReactNode } from 'react';
import { useSeriesSearch } from '../../explorer/useSeriesSearch';
import { Explorer } from '../../explorer/Explorer';
import { serialize } from '../../explorer/view/url';
import { useView, ViewContext } from '../../explorer/view/useView';
import type { View } from '../../explorer/view/view';
import { viewInAddress } from '../../explorer/view/viewInAddress';
import { Link } from '../../parts/Link';
import { Boundary } from '../../parts/design/Boundary';
import { Failed, Gone, Skeleton } from '../../parts/states';
import { useFrame } from '../../parts/useFrame';
import { EnlargedHead, EnlargedPanel, type EnlargedHeadProps } from './EnlargedPanel';

interface EnlargedProps extends EnlargedHeadProps {
  /** Another chart has a view of its own. */
  id: string;
  /** Null while no runs are shown. It follows the shown runs; the view keeps its own of when the chart was enlarged. */
  q: string | null;
  /** The view before anything is changed. */
  standard: View;
  /** What its head offers besides. */
  actions: ReactNode;
}

export function Enlarged({ id, ...props }: EnlargedProps): ReactNode {
  return (
    <EnlargedPanel title={props.title} onClose={props.onClose}>
      <Inside key={id} {...props} />
    </EnlargedPanel>
  );
}

function Inside({ q, standard, actions, ...head }: Omit<EnlargedProps, 'id'>): ReactNode {
  const [store] = useState(() => viewInAddress(standard));
  return (
    <ViewContext value={store}>
      <EnlargedHead {...head}>
        {actions}
        <ExplorerLink q={q} />
      </EnlargedHead>
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
