/** One dashboard: what is saved, what is changed here, and the steps back. Unsaved changes survive a visit elsewhere. */
import { useCallback, useEffect, useReducer } from 'react';
import { useApi } from '../../data/api';
import { useAsked, usePaced, type Asked } from '../../parts/useAsked';
import { useNews } from '../../parts/useFrame';
import type { Dashboard } from '../../wire';
import { contentOf, sameContent, type BoardContent } from './board';

export interface BoardState {
  readonly saved: Dashboard;
  readonly content: BoardContent;
  readonly past: readonly BoardContent[];
  readonly future: readonly BoardContent[];
  /** Someone else saved this version, which the unsaved changes here do not have. */
  readonly newer: Dashboard | null;
}

type BoardAction =
  | { readonly does: 'change'; readonly content: BoardContent }
  | { readonly does: 'undo' | 'redo' | 'discard' }
  | { readonly does: 'hear' | 'saved'; readonly board: Dashboard };

const STEPS = 100;

const opened = (saved: Dashboard, before?: BoardContent): BoardState => ({
  saved,
  content: contentOf(saved, before),
  past: [],
  future: [],
  newer: null,
});

export const isChanged = ({ saved, content }: BoardState): boolean => !sameContent(content, contentOf(saved, content));

/** The state before the first answer is null. */
export function boardAfter(state: BoardState | null, action: BoardAction): BoardState | null {
  if (action.does === 'hear') {
    if (state?.saved.id !== action.board.id) return opened(action.board);
    if (state.saved.edited_at === action.board.edited_at) return state;
    return isChanged(state) ? { ...state, newer: action.board } : opened(action.board, state.content);
  }
  if (state === null) return state;
  const { content, past, future } = state;
  switch (action.does) {
    case 'change':
      return sameContent(content, action.content)
        ? state
        : { ...state, content: action.content, past: [...past, content].slice(-STEPS), future: [] };
    case 'undo': {
      const last = past[past.length - 1];
      return last ? { ...state, content: last, past: past.slice(0, -1), future: [content, ...future] } : state;
    }
    case 'redo': {
      const [next, ...later] = future;
      return next ? { ...state, content: next, past: [...past, content], future: later } : state;
    }
    case 'discard':
      return opened(state.newer ?? state.saved, content);
    case 'saved':
      return { ...state, saved: action.board, newer: null };
  }
}

/** Unsaved changes of dashboards that were left, by id. */
const left = new Map<string, BoardState>();

export interface OpenBoard {
  readonly asked: Asked<Dashboard>;
  readonly state: BoardState | null;
  readonly changed: boolean;
  readonly change: (content: BoardContent) => void;
  readonly undo: () => void;
  readonly redo: () => void;
  readonly discard: () => void;
  /** Fails with the message of the server. */
  readonly save: () => Promise<void>;
}

export function useBoard(id: string): OpenBoard {
  const { ask, write } = useApi();
  const asked = useAsked(`dashboard ${id}`, (signal) => ask.dashboard(id, signal));
  const again = usePaced(asked.again, 300);
  useNews({ changed: (runs) => runs.length === 0 && again(), missed: again });
  const [state, act] = useReducer(boardAfter, left.get(id) ?? null);
  const { data } = asked;
  useEffect(() => {
    if (data) act({ does: 'hear', board: data });
  }, [data]);
  const changed = state !== null && isChanged(state);
  useEffect(() => {
    if (!changed) return undefined;
    const stay = (event: BeforeUnloadEvent): void => event.preventDefault();
    window.addEventListener('beforeunload', stay);
    return () => window.removeEventListener('beforeunload', stay);
  }, [changed]);
  useEffect(() => {
    if (changed) left.set(id, state);
    else left.delete(id);
  }, [id, changed, state]);
  const save = async (): Promise<void> => {
    if (!state) return;
    const { saved, content } = state;
    const { name, runs, newest } = content;
    const charts = content.charts.map(({ chart }) => chart);
    const board = await write.dashboard({ id, name, runs, newest, charts, seen: saved.edited_at });
    act({ does: 'saved', board });
  };
  return {
    asked,
    state,
    changed,
    change: useCallback((content) => act({ does: 'change', content }), []),
    undo: useCallback(() => act({ does: 'undo' }), []),
    redo: useCallback(() => act({ does: 'redo' }), []),
    discard: useCallback(() => act({ does: 'discard' }), []),
    save,
  };
}
