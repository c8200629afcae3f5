/** All dashboards of the repository, or one of them. */
import type { ReactNode } from 'react';
import { useAddress } from '../../parts/address';
import { DashboardList } from './DashboardList';
import { DashboardView } from './DashboardView';

export default function DashboardsPage(): ReactNode {
  const id = useAddress().get('id');
  return id === null ? <DashboardList /> : <DashboardView key={id} id={id} page="dashboards" />;
}
