/**
 * Every page: a new page needs only a row here. `load` is a separate chunk. Rows with an `icon` are in the navigation,
 * in this order.
 */
import type { Route } from '../parts/route';

export const ROUTES: readonly Route[] = [
  { page: 'home', title: 'Home', icon: 'home', load: () => import('./home/HomePage') },
  { page: 'dashboard', title: 'Overview', icon: 'calendar', load: () => import('./overview/OverviewPage') },
  {
    page: 'dashboards',
    title: 'Dashboards',
    icon: 'columns',
    load: () => import('./dashboards/DashboardsPage'),
  },
  { page: 'metrics', title: 'Metrics', icon: 'axis', load: () => import('./metrics/MetricsPage') },
  { page: 'runs', title: 'Runs', icon: 'list', load: () => import('./runs/RunsPage') },
  { page: 'params', title: 'Params', icon: 'wave', load: () => import('./params/ParamsPage') },
  { page: 'scatter', title: 'Scatter', icon: 'grid', load: () => import('./scatter/ScatterPage') },
  { page: 'media', title: 'Media', icon: 'picture', load: () => import('./media/MediaPage') },
  { page: 'compare', title: 'Compare', icon: 'diff', load: () => import('./compare/ComparePage') },
  { page: 'processes', title: 'Processes', icon: 'terminal', load: () => import('./processes/ProcessesPage') },
  { page: 'artifacts', title: 'Artifacts', icon: 'archive', load: () => import('./artifacts/ArtifactsPage') },
  {
    page: 'experiments',
    title: 'Experiments',
    icon: 'flask',
    load: () => import('./experiments/ExperimentsPage'),
  },
  { page: 'tags', title: 'Tags', icon: 'tag', load: () => import('./tags/TagsPage') },
  { page: 'bookmarks', title: 'Bookmarks', icon: 'bookmark', load: () => import('./bookmarks/BookmarksPage') },
  { page: 'tokens', title: 'Tokens and links', load: () => import('./tokens/TokensPage') },
  { page: 'artifact', title: 'Artifact', within: 'artifacts', load: () => import('./artifacts/ArtifactPage') },
  { page: 'run', title: 'Run', within: 'runs', load: () => import('./run/RunPage') },
  { page: 'process', title: 'Process', within: 'processes', load: () => import('./processes/ProcessPage') },
  { page: 'start', title: 'Start', within: 'processes', load: () => import('./processes/StartPage') },
  { page: 'queue', title: 'Queue', within: 'processes', load: () => import('./processes/QueuePage') },
  {
    page: 'experiment',
    title: 'Experiment',
    within: 'experiments',
    load: () => import('./experiments/ExperimentPage'),
  },
];
