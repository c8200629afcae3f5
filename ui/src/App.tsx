/** The frame around the explorer: who and where we are, theme, live, and what state the search is in. */
import { useCallback, useEffect, useRef, useState, useSyncExternalStore, type ReactNode } from 'react';
import type { ApiError } from './data/api';
import { useLive } from './data/useLive';
import { useProject, type ProjectState } from './data/useProject';
import { Searcher, type SearchState } from './data/searcher';
import { Boundary } from './design/Boundary';
import { Switch } from './design/controls';
import { Menu } from './design/Menu';
import { useTheme, type ThemeChoice } from './design/theme';
import { useToast } from './design/Toast';
import { Explorer } from './explorer/Explorer';
import { countText, durationText, plural } from './explorer/format';
import { QueryBox } from './explorer/QueryBox';
import { EmptyRepo, Failed, Gone, NoMatch, Refused, Skeleton, Start } from './explorer/states';
import { recall, remember, rememberQuery } from './state/memory';
import { useView } from './state/useView';
import { DEFAULT_VIEW, FRESH } from './state/view';
import type { Project } from './wire';

export function App(): ReactNode {
  const [view, change] = useView();
  const server = useProject();
  const [searcher] = useState(() => new Searcher());
  const search = useSyncExternalStore(searcher.subscribe, () => searcher.state);
  const { choice, theme, choose } = useTheme();
  const [live, setLive] = useState(() => recall('live', true));
  const toast = useToast();
  const { project, reachable, refresh, lost } = server;

  useEffect(() => {
    if (view.q === null) searcher.clear();
    else searcher.run({ q: view.q, x: view.x });
  }, [view.q, view.x, searcher]);

  useEffect(() => {
    if (search.phase === 'done' && search.answered && search.result?.series.length) rememberQuery(search.answered);
  }, [search.phase, search.answered, search.result?.series.length]);

  useEffect(() => {
    if (search.gone) lost();
  }, [search.gone, lost]);

  const wasReachable = useRef(true);
  useEffect(() => {
    if (reachable && !wasReachable.current) {
      toast({ text: 'Connected again.' });
      searcher.again();
    }
    wasReachable.current = reachable;
  }, [reachable, searcher, toast]);

  const connected = useLive(live && project !== null && reachable, {
    changed: (runs) => {
      searcher.changed(runs);
      refresh();
    },
    lost: refresh,
    began: (revision) => {
      searcher.heard(revision);
      if (project?.revision !== revision) refresh();
    },
  });

  const onSearch = useCallback(
    (q: string) => {
      if (q === '') change({ ...FRESH, q: null });
      else if (q === view.q) searcher.again();
      else change({ ...FRESH, q });
    },
    [change, searcher, view.q],
  );

  const onEdited = useCallback(
    (ids: readonly string[]) => {
      searcher.changed(ids);
      refresh();
    },
    [searcher, refresh],
  );

  useEffect(() => {
    document.title = view.q ? `${view.q} · Aim` : 'Aim';
  }, [view.q]);

  const running = search.result?.runs.filter((run) => run.status === 'running').length ?? 0;
  return (
    <div className="app">
      <header className="topbar">
        <a
          className="brand"
          href="."
          aria-label="Aim, start page"
          onClick={(event) => {
            if (event.metaKey || event.ctrlKey) return;
            event.preventDefault();
            change({ ...DEFAULT_VIEW });
          }}
        >
          <Wordmark />
        </a>
        {project && <ProjectPath project={project} />}
        <span className="stretch" />
        <Connection reachable={reachable} live={live} connected={connected} running={running} />
        <Switch
          checked={live}
          onChange={(on) => {
            setLive(on);
            remember('live', on);
          }}
        >
          Live
        </Switch>
        <ThemeMenu choice={choice} choose={choose} />
      </header>
      <main className="page">
        <h1 className="hidden-text">Metrics</h1>
        <div className="query-row">
          <QueryBox
            query={view.q ?? ''}
            problem={search.phase === 'failed' && !search.gone ? search.problem : null}
            searching={search.phase === 'loading'}
            onSearch={onSearch}
            onCancel={() => searcher.cancel()}
          />
          <Progress search={search} />
        </div>
        <Boundary resetOn={search.result}>
          <Body server={server} search={search} onSearch={onSearch} onRetry={() => searcher.again()}>
            {search.result && search.answered !== null && (
              <Explorer
                result={search.result}
                answered={search.answered}
                x={search.x}
                view={view}
                change={change}
                theme={theme}
                onEdited={onEdited}
                readOnly={project && !project.writable ? (project.reason ?? 'This repository is read only.') : null}
                stale={search.phase === 'failed'}
              />
            )}
          </Body>
        </Boundary>
      </main>
    </div>
  );
}

interface BodyProps {
  server: ProjectState;
  search: SearchState;
  onSearch: (query: string) => void;
  onRetry: () => void;
  children: ReactNode;
}

function Body({ server, search, onSearch, onRetry, children }: BodyProps): ReactNode {
  const { project, refused, reachable } = server;
  const { phase, result, answered, problem, gone } = search;
  const refusedBy: ApiError | null = refused;
  if (refusedBy) return <Refused problem={refusedBy.problem} />;
  if (!project) return reachable ? <Skeleton /> : <Gone />;
  if (project.runs === 0 && !result?.series.length) return <EmptyRepo root={project.root} />;
  const matches = result !== null && result.series.length > 0;
  if (matches) return children;
  if (phase === 'failed' && gone) return <Gone />;
  if (phase === 'failed' && problem) return <Failed problem={problem} onRetry={onRetry} />;
  if (phase === 'loading') return <Skeleton />;
  if (phase === 'done' && result && answered !== null)
    return <NoMatch query={answered} notes={result.notes} checked={result.checked} onSearch={onSearch} />;
  return <Start runs={project.runs} onSearch={onSearch} />;
}

function Progress({ search }: { search: SearchState }): ReactNode {
  const { phase, progress, result } = search;
  const percent = Math.round(progress * 100);
  return (
    <div className="status-line">
      <div
        className={`progress ${phase === 'loading' ? 'on' : ''} ${progress === 0 ? 'unknown' : ''}`}
        role="progressbar"
        aria-label="Search"
        aria-hidden={phase !== 'loading'}
        aria-valuenow={percent}
      >
        <span style={{ width: `${percent}%` }} />
      </div>
      <p className="summary" role="status">
        {phase === 'done' && result && result.series.length > 0 && (
          <>
            {plural(result.series.length, 'series')} of {plural(result.runs.length, 'run')} ·{' '}
            {plural(result.points, 'point')} · {durationText(result.seconds)}
          </>
        )}
        {phase === 'loading' && (progress > 0 ? `${percent}% of the series` : 'Searching…')}
        {phase === 'cancelled' && <span className="warn">Cancelled: what had arrived is shown.</span>}
        {phase === 'failed' && result && result.series.length > 0 && (
          <span className="warn">Shown below: the search before this one.</span>
        )}
        {phase === 'done' &&
          result &&
          result.series.length > 0 &&
          result.notes.map((note) => (
            <span key={note} className="warn">
              {' '}
              · <bdi>{note}</bdi>
            </span>
          ))}
      </p>
    </div>
  );
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

function Connection({
  reachable,
  live,
  connected,
  running,
}: {
  reachable: boolean;
  live: boolean;
  connected: boolean;
  running: number;
}): ReactNode {
  if (!reachable)
    return (
      <span className="connection gone" role="status">
        <span className="status-dot" />
        Server gone, reconnecting…
      </span>
    );
  if (live && running > 0)
    return (
      <span className="connection" role="status">
        <span className={`status-dot ${connected ? 'beat' : ''}`} />
        {plural(running, 'run')} training
      </span>
    );
  return null;
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
