/** The frame around every page: project, navigation, theme, live state, and the current page. */
import { useCallback, useEffect, useMemo, useRef, useState, type ReactNode } from 'react';
import { useLive } from '../data/useLive';
import { useProject } from '../data/useProject';
import { Boundary } from '../parts/design/Boundary';
import { Switch } from '../parts/design/controls';
import { Menu } from '../parts/design/Menu';
import { useTheme, type ThemeChoice } from '../parts/design/theme';
import { useToast } from '../parts/design/Toast';
import { countText, plural } from '../text/format';
import { href, pageOf, useSearch } from '../parts/address';
import { Link } from '../parts/Link';
import { Nav } from './Nav';
import { PageSlot } from './PageSlot';
import { UserMenu } from './UserMenu';
import { FrameContext, type FrameState, type News } from '../parts/useFrame';
import type { Route } from '../parts/route';
import { recall, remember } from '../parts/memory';
import type { Indexing, Problem, Project } from '../wire';

export function App({ routes }: { routes: readonly Route[] }): ReactNode {
  const page = pageOf(useSearch());
  const server = useProject();
  const { choice, theme, choose } = useTheme();
  const [live, setLive] = useState(() => recall('live', true));
  const { project, reachable, unable, refresh } = server;
  const { connected, listen, edited } = useNewsOf(server, live);
  useToldOfReturn(reachable);
  useFocusOnNewPage(page);

  const readOnly = project && !project.writable ? (project.reason ?? 'This repository is read only.') : null;
  const undeletable = project?.undeletable ?? readOnly;
  const frame = useMemo<FrameState>(
    () => ({
      routeOf: (name) => routes.find((route) => route.page === name),
      server,
      theme,
      readOnly,
      undeletable,
      edited,
      listen,
    }),
    [routes, server, theme, readOnly, undeletable, edited, listen],
  );
  return (
    <FrameContext.Provider value={frame}>
      <div className="app">
        <a className="skip" href="#page">
          Skip to the page
        </a>
        <header className="topbar">
          <Link className="brand" to={href('home')} aria-label="Aim, home">
            <Wordmark />
          </Link>
          {project && <ProjectPath project={project} />}
          <span className="stretch" />
          {reachable && live && <Training connected={connected} running={project?.running ?? 0} />}
          <Switch
            checked={live}
            onChange={(on) => {
              setLive(on);
              remember('live', on);
              if (on) refresh();
            }}
          >
            Live
          </Switch>
          <ThemeMenu choice={choice} choose={choose} />
          {project && <UserMenu project={project} />}
        </header>
        {!reachable && <Trouble unable={unable} loaded={project !== null} />}
        {reachable && project?.indexing && <IndexingNote indexing={project.indexing} />}
        <div className="body">
          <Nav page={page} routes={routes} />
          <main className="page" id="page" tabIndex={-1}>
            <Boundary resetOn={page}>
              <PageSlot key={page} page={page} />
            </Boundary>
          </main>
        </div>
      </div>
    </FrameContext.Provider>
  );
}

/** One connection for news of runs, shared by all parts of the page. */
function useNewsOf(
  { project, reachable, refresh }: FrameState['server'],
  live: boolean,
): Pick<FrameState, 'listen' | 'edited'> & { connected: boolean } {
  const listeners = useRef(new Set<News>());
  const listen = useCallback((news: News) => {
    listeners.current.add(news);
    return () => listeners.current.delete(news);
  }, []);
  const edited = useCallback(
    (runs: readonly string[]) => {
      for (const news of listeners.current) news.changed(runs);
      refresh();
    },
    [refresh],
  );
  // While the index is made, the project is asked more often than the rest of the page.
  const early = useRef(false);
  useEffect(() => {
    if (project?.indexing) early.current = true;
  }, [project]);
  const connected = useLive(live && project !== null && reachable, {
    changed: edited,
    lost: refresh,
    began: (revision) => {
      for (const news of listeners.current) news.began?.(revision);
      if (project?.revision === revision && !early.current) return;
      early.current = false;
      for (const news of listeners.current) news.missed?.();
      refresh();
    },
  });
  return { connected, listen, edited };
}

function useToldOfReturn(reachable: boolean): void {
  const toast = useToast();
  const before = useRef(true);
  useEffect(() => {
    if (reachable && !before.current) toast({ text: 'Reconnected.' });
    before.current = reachable;
  }, [reachable, toast]);
}

/** Screen readers announce the new page, and the tab key continues from there. */
function useFocusOnNewPage(page: string): void {
  const before = useRef(page);
  useEffect(() => {
    if (before.current !== page) document.getElementById('page')?.focus({ preventScroll: true });
    before.current = page;
  }, [page]);
}

function Wordmark(): ReactNode {
  return (
    <svg className="wordmark" viewBox="0 0 76 24" width="76" height="24" aria-hidden="true">
      <path className="wordmark-line" d="M2 19 7.5 8.500l5 7.500L19.5 5" />
      <circle className="wordmark-point" cx="19.5" cy="5" r="2.6" />
      <text x="30" y="18.5">
        Aim
      </text>
    </svg>
  );
}

function ProjectPath({ project }: { project: Project }): ReactNode {
  const parts = project.root.split(/[/\\]/).filter(Boolean);
  return (
    <p className="project" title={project.root}>
      <bdi className="project-name">{parts[parts.length - 1] ?? project.root}</bdi>
      <span className="project-runs">
        {countText(project.runs)} {project.runs === 1 ? 'run' : 'runs'}
      </span>
      {!project.writable && (
        <span className="badge" title={project.reason ?? undefined}>
          read only
        </span>
      )}
    </p>
  );
}

function IndexingNote({ indexing: { done, total } }: { indexing: Indexing }): ReactNode {
  return (
    <p className="indexing" role="status">
      <progress value={done} max={total} aria-hidden="true" />
      <span>
        Indexing {countText(done)} of {plural(total, 'run')}. Pages show those indexed so far.
      </span>
    </p>
  );
}

/** Why nothing new can be shown now. */
function Trouble({ unable, loaded }: { unable: Problem | null; loaded: boolean }): ReactNode {
  return (
    <p className="trouble" role="status">
      <span className="status-dot" />
      <span>
        {unable ? (
          <bdi>
            {unable.message} {unable.hint}
          </bdi>
        ) : (
          'The server does not respond.'
        )}{' '}
        {loaded && 'Pages show what was loaded before. '}Trying every two seconds…
      </span>
    </p>
  );
}

function Training({ connected, running }: { connected: boolean; running: number }): ReactNode {
  if (running === 0) return null;
  return (
    <span className="connection" role="status">
      <span className={`status-dot ${connected ? 'beat' : ''}`} />
      {plural(running, 'run')} training
    </span>
  );
}

const THEMES: { value: ThemeChoice; label: string; icon: 'screen' | 'sun' | 'moon' }[] = [
  { value: 'system', label: 'System', icon: 'screen' },
  { value: 'light', label: 'Light', icon: 'sun' },
  { value: 'dark', label: 'Dark', icon: 'moon' },
];

function ThemeMenu({ choice, choose }: { choice: ThemeChoice; choose: (choice: ThemeChoice) => void }): ReactNode {
  const icon = THEMES.find((theme) => theme.value === choice)?.icon;
  return (
    <Menu
      icon={icon}
      aria-label="Theme"
      label="Theme"
      end
      items={THEMES.map(({ value, label, icon: own }) => ({
        label,
        icon: own,
        chosen: value === choice,
        onSelect: () => choose(value),
      }))}
    />
  );
}
