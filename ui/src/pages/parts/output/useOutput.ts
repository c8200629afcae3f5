/** The held part of an output as state: read on in both directions, followed at its end, moved to another place. */
import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { messageOf } from '../Dialog';
import { Scrollback } from './scrollback';
import type { Direction, OutputPage, OutputSource } from './source';
import type { Line } from './terminal';

export interface Reading {
  readonly lines: readonly Line[];
  readonly loaded: boolean;
  /** What went wrong last, until something succeeds. */
  readonly problem: string | null;
  readonly atStart: boolean;
  readonly atEnd: boolean;
  /** There is output behind what is held that nobody asked for yet. */
  readonly news: boolean;
  older(): void;
  newer(): void;
  toStart(): Promise<void>;
  toEnd(): Promise<void>;
  /** Hold the page that begins at a cursor; its number, by which lines of it are known. */
  toPlace(cursor: string): Promise<number | null>;
}

interface State {
  readonly lines: readonly Line[];
  readonly loaded: boolean;
  readonly problem: string | null;
  readonly atStart: boolean;
  readonly atEnd: boolean;
}

const NOTHING: State = { lines: [], loaded: false, problem: null, atStart: true, atEnd: true };

/** One request at a time: pages are neighbours, so what was asked for another place is of no use any more. */
export function useOutput(source: OutputSource, following: boolean): Reading {
  const [state, setState] = useState<State>(NOTHING);
  const [news, setNews] = useState(false);
  const held = useRef(new Scrollback());
  const busy = useRef<AbortController | null>(null);
  const unheard = useRef(false);
  const latest = useRef({ source, following });
  useEffect(() => {
    latest.current = { source, following };
  });

  const show = useCallback((problem: string | null = null) => {
    const { lines, before, atEnd } = held.current;
    setState((old) => ({
      lines,
      loaded: old.loaded || problem === null,
      problem,
      atStart: before === null,
      atEnd,
    }));
  }, []);

  const load = useCallback(
    async (cursor: string | null, direction: Direction, take: (page: OutputPage) => void): Promise<void> => {
      busy.current?.abort();
      const abort = new AbortController();
      busy.current = abort;
      try {
        const page = await latest.current.source.load(cursor, direction, abort.signal);
        if (abort.signal.aborted) return;
        busy.current = null;
        take(page);
        show();
      } catch (error) {
        if (abort.signal.aborted) return;
        busy.current = null;
        show(messageOf(error));
      }
    },
    [show],
  );

  const older = useCallback(() => {
    const { before } = held.current;
    if (busy.current === null && before !== null) void load(before, 'backward', (page) => held.current.prepend(page));
  }, [load]);

  const newer = useCallback(() => {
    const { after } = held.current;
    if (busy.current !== null) {
      unheard.current = true;
      return;
    }
    unheard.current = false;
    setNews(false);
    void load(after, 'forward', (page) => (after === null ? held.current.reset(page) : held.current.append(page))).then(
      () => {
        if (latest.current.following && (unheard.current || !held.current.atEnd)) newer();
      },
    );
  }, [load]);

  const toEnd = useCallback(async () => {
    setNews(false);
    if (held.current.atEnd && !held.current.empty) newer();
    else await load(null, 'backward', (page) => held.current.reset(page));
  }, [load, newer]);
  const toStart = useCallback(async () => {
    if (held.current.before !== null) await load(null, 'forward', (page) => held.current.reset(page));
  }, [load]);
  const toPlace = useCallback(
    async (cursor: string) => {
      if (held.current.pageAt(cursor) === null) await load(cursor, 'forward', (page) => held.current.reset(page));
      return held.current.pageAt(cursor);
    },
    [load],
  );

  useEffect(() => {
    held.current = new Scrollback();
    setState(NOTHING);
    setNews(false);
    void load(null, 'backward', (page) => held.current.reset(page));
    return () => {
      busy.current?.abort();
      busy.current = null;
    };
  }, [source.key, load]);
  useEffect(
    () => source.listen(() => (latest.current.following ? newer() : setNews(true))),
    [source, newer],
  );

  return useMemo(
    () => ({ ...state, news, older, newer, toStart, toEnd, toPlace }),
    [state, news, older, newer, toStart, toEnd, toPlace],
  );
}
