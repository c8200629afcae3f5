/** The home page: every metric of the newest runs as a small chart, or the dashboard that was chosen for it. */
import type { ReactNode } from 'react';
import { useSearch } from '../../parts/address';
import { useFrame, useTitle } from '../../parts/useFrame';
import { HomeDashboard } from '../dashboards/HomeDashboard';
import { Charts } from './Charts';
import { BestRuns } from './BestRuns';
import { useWall } from './useWall';
import { WithRuns } from './WithRuns';
import '../../parts/parts.css';

/** Parameters that only the wall has. */
const WALL = ['wall', 'charts', 'metric', 'axis', 'smoothing'];

export default function HomePage(): ReactNode {
  const { project } = useFrame().server;
  const given = new URLSearchParams(useSearch());
  const chosen = project?.home_dashboard;
  return chosen && !WALL.some((name) => given.has(name)) ? <HomeDashboard id={chosen} /> : <WallPage />;
}

function WallPage(): ReactNode {
  const [view, change] = useWall('home');
  useTitle(view.metric ?? view.experiment ?? 'Home');
  return (
    <>
      <h1 className="hidden-text">Home</h1>
      <WithRuns view={view} change={change} below={view.metric === null && <BestRuns />}>
        {({ drawn, look, highlight, beside }) => (
          <Charts drawn={drawn} look={look} view={view} change={change} highlight={highlight} beside={beside} />
        )}
      </WithRuns>
    </>
  );
}
