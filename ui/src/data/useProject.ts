/** The project of this page; requested again while the server, or its database, does not answer. */
import { useCallback, useEffect, useRef, useState } from 'react';
import type { Problem, Project } from '../wire';
import { useApi } from './api';
import { ApiError } from './error';

export interface ProjectState {
  project: Project | null;
  /** Why the project is unknown: refused (token, host) rather than unreachable. */
  refused: ApiError | null;
  reachable: boolean;
  /** Why the server answers and still is not `reachable`: its database is away. */
  unable: Problem | null;
  /** Another part noticed that the server does not answer. */
  lost: () => void;
  refresh: () => void;
}

const RETRY = 2000;
const WHILE_INDEXING = 1000;

export function useProject(): ProjectState {
  const { ask } = useApi();
  const [project, setProject] = useState<Project | null>(null);
  const [refused, setRefused] = useState<ApiError | null>(null);
  const [reachable, setReachable] = useState(true);
  const [unable, setUnable] = useState<Problem | null>(null);
  const [asked, setAsked] = useState(0);
  const wasKnown = useRef(false);

  useEffect(() => {
    const abort = new AbortController();
    let timer = 0;
    const load = (): void => {
      ask.project(abort.signal).then(
        (loaded) => {
          wasKnown.current = true;
          setProject(loaded);
          setRefused(null);
          setReachable(true);
          setUnable(null);
          if (loaded.indexing) timer = window.setTimeout(load, WHILE_INDEXING);
        },
        (error: unknown) => {
          if (abort.signal.aborted) return;
          if (error instanceof ApiError && !error.gone && !error.unable) {
            // The token was revoked, or the session ended: the server asks who this is.
            if (error.status === 401 && wasKnown.current) window.location.reload();
            else setRefused(error);
            return;
          }
          setReachable(false);
          setUnable(error instanceof ApiError && error.unable ? error.problem : null);
          timer = window.setTimeout(load, RETRY);
        },
      );
    };
    load();
    return () => {
      abort.abort();
      window.clearTimeout(timer);
    };
  }, [ask, asked]);

  const refresh = useCallback(() => setAsked((count) => count + 1), []);
  const lost = useCallback(() => {
    setReachable(false);
    refresh();
  }, [refresh]);
  return { project, refused, reachable, unable, lost, refresh };
}
