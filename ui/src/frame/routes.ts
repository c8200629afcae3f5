/**
 * Every page, once: a row here is all that a new page needs. `load` is a chunk of its own. Rows with an `icon` stand in the
 * navigation, in this order; `within` names the row that is lit there for the others.
 */
import type { ComponentType } from 'react';
import type { IconName } from '../design/Icon';

export interface Route {
  /** The `page` parameter of the address. */
  readonly page: string;
  readonly title: string;
  readonly icon?: IconName;
  readonly within?: string;
  readonly load: () => Promise<{ default: ComponentType }>;
}

export const ROUTES: readonly Route[] = [
  { page: 'dashboard', title: 'Dashboard', icon: 'home', load: () => import('../pages/dashboard/DashboardPage') },
  { page: 'metrics', title: 'Metrics', icon: 'axis', load: () => import('../pages/metrics/MetricsPage') },
  { page: 'runs', title: 'Runs', icon: 'list', load: () => import('../pages/runs/RunsPage') },
  { page: 'params', title: 'Params', icon: 'wave', load: () => import('../pages/params/ParamsPage') },
  { page: 'scatter', title: 'Scatter', icon: 'grid', load: () => import('../pages/scatter/ScatterPage') },
  { page: 'compare', title: 'Compare', icon: 'diff', load: () => import('../pages/compare/ComparePage') },
  { page: 'processes', title: 'Processes', icon: 'terminal', load: () => import('../pages/processes/ProcessesPage') },
  {
    page: 'experiments',
    title: 'Experiments',
    icon: 'flask',
    load: () => import('../pages/experiments/ExperimentsPage'),
  },
  { page: 'tags', title: 'Tags', icon: 'tag', load: () => import('../pages/tags/TagsPage') },
  { page: 'bookmarks', title: 'Bookmarks', icon: 'bookmark', load: () => import('../pages/bookmarks/BookmarksPage') },
  { page: 'run', title: 'Run', within: 'runs', load: () => import('../pages/run/RunPage') },
  { page: 'process', title: 'Process', within: 'processes', load: () => import('../pages/processes/ProcessPage') },
  { page: 'start', title: 'Start', within: 'processes', load: () => import('../pages/processes/StartPage') },
  { page: 'queue', title: 'Queue', within: 'processes', load: () => import('../pages/processes/QueuePage') },
  {
    page: 'experiment',
    title: 'Experiment',
    within: 'experiments',
    load: () => import('../pages/experiments/ExperimentPage'),
  },
];

/** So many runs stand side by side. */
export const MOST_COMPARED = 20;

export const routeOf = (page: string): Route | undefined => ROUTES.find((route) => route.page === page);
