/** All runs in one table: params beside the chosen values of their metrics, as rows or as groups of them. */
import type { ReactNode } from 'react';
import { useView } from '../../explorer/view/useView';
import type { View } from '../../explorer/view/view';
import { GroupedRuns } from './GroupedRuns';
import { PagedRuns } from './PagedRuns';
import { AllRuns, RunView } from './RunQuery';

export default function RunsPage(): ReactNode {
  return (
    <RunView>
      <Runs />
    </RunView>
  );
}

function Runs(): ReactNode {
  const [view] = useView();
  return isGrouped(view) ? <AllRuns title="Runs">{(props) => <GroupedRuns {...props} />}</AllRuns> : <PagedRuns />;
}

const isGrouped = ({ color, allBut, off }: View): boolean =>
  !off.includes('color') && (color.length > 0 || allBut.includes('color'));
