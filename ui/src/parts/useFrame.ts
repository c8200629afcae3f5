/** What every page may ask of the frame: the project, the theme, whether it may write, and the news of runs. */
import { createContext, useContext, useEffect, useRef } from 'react';
import type { ProjectState } from '../data/useProject';
import type { Theme } from './design/theme';
import type { Route } from './route';

export interface News {
  /** Runs with something new: points, an end, an edit. None: only what belongs to the repository is new. */
  changed(runs: readonly string[]): void;
  /** The connection stands; news begin after this revision. */
  began?(revision: string): void;
  /** The connection stands, and something may have changed since the project of this page was asked. */
  missed?(): void;
}

export interface FrameState {
  readonly routeOf: (page: string) => Route | undefined;
  readonly server: ProjectState;
  readonly theme: Theme;
  /** Why nothing can be changed here, or null. */
  readonly readOnly: string | null;
  /** Why no run can be deleted here, or null. */
  readonly undeletable: string | null;
  /** This page edited runs: tell everybody who shows them. */
  readonly edited: (runs: readonly string[]) => void;
  readonly listen: (news: News) => () => void;
}

export const FrameContext = createContext<FrameState | null>(null);

export function useFrame(): FrameState {
  const frame = useContext(FrameContext);
  if (!frame) throw new Error('useFrame is called outside of the frame.');
  return frame;
}

export function useNews(news: News): void {
  const { listen } = useFrame();
  const latest = useRef(news);
  useEffect(() => {
    latest.current = news;
  });
  useEffect(
    () =>
      listen({
        changed: (runs) => latest.current.changed(runs),
        began: (revision) => latest.current.began?.(revision),
        missed: () => latest.current.missed?.(),
      }),
    [listen],
  );
}

export function useTitle(title: string): void {
  useEffect(() => {
    document.title = title ? `${title} · Aim` : 'Aim';
  }, [title]);
}
