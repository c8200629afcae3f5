/** The metrics explorer as a page: its view is in the address. */
import { useState, type ReactNode } from 'react';
import { MetricsExplorer } from '../../explorer/MetricsExplorer';
import { viewInAddress } from '../../explorer/view/viewInAddress';
import { useView, ViewContext } from '../../explorer/view/useView';
import { BookmarkButton } from '../../parts/BookmarkButton';
import { useTitle } from '../../parts/useFrame';

export default function MetricsPage(): ReactNode {
  const [store] = useState(viewInAddress);
  return (
    <ViewContext value={store}>
      <MetricsTitle />
      <MetricsExplorer beside={<BookmarkButton />} />
    </ViewContext>
  );
}

function MetricsTitle(): ReactNode {
  const [{ q }] = useView();
  useTitle(q || 'Metrics');
  return <h1 className="hidden-text">Metrics</h1>;
}
