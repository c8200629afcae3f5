/** The dashboard that is chosen for the home page. */
import { lazy, Suspense, type ReactNode } from 'react';
import { Waiting } from '../../parts/Sheet';

const DashboardView = lazy(async () => ({ default: (await import('./DashboardView')).DashboardView }));

export function HomeDashboard({ id }: { id: string }): ReactNode {
  return (
    <Suspense fallback={<Waiting />}>
      <DashboardView key={id} id={id} page="home" />
    </Suspense>
  );
}
