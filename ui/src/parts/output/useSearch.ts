/** Search in an output: the server finds matches in all of it, the held lines show the exact positions. */
import { itemAt } from '../../text/lists';
import { useEffect, useRef, useState, type RefObject } from 'react';
import { countText } from '../../text/format';
import { messageOf } from '../../data/error';
import { folded, holds } from './marks';
import type { OutputSource, FoundLine } from './source';
import { Terminal, type OutputLine } from './terminal';
import type { Reading } from './useOutput';

export interface TextSearch {
  readonly field: RefObject<HTMLInputElement | null>;
  readonly text: string;
  /** The marked word; empty if none. */
  readonly word: string;
  readonly found: boolean;
  /** The line of the current match. */
  readonly line: OutputLine | null;
  /** The number of matches, or why there are none. */
  readonly says: string;
  setText(text: string): void;
  focus(): void;
  go(step: 1 | -1): void;
}

interface SearchAnswer {
  readonly word: string;
  readonly places: readonly FoundLine[];
  readonly next: string | null;
  readonly problem: string | null;
}

const PAUSE = 250;

export function useOutputSearch(source: OutputSource, reading: Reading, timeInView: () => number): TextSearch {
  const field = useRef<HTMLInputElement>(null);
  const [text, setText] = useState('');
  const [answer, setAnswer] = useState<SearchAnswer | null>(null);
  const [chosen, setChosen] = useState<{ at: number; page: number | null } | null>(null);
  const word = folded(text.trim());
  /** Until the word or the source changes. */
  const looking = useRef(new AbortController());
  const latest = useRef(reading);
  useEffect(() => {
    latest.current = reading;
  });

  useEffect(() => {
    setChosen(null);
    setAnswer(null);
    const abort = new AbortController();
    looking.current = abort;
    if (word === '') return () => abort.abort();
    const timer = window.setTimeout(() => {
      void ask(source, word, null, [], abort.signal).then((next) => !abort.signal.aborted && setAnswer(next));
    }, PAUSE);
    return () => {
      window.clearTimeout(timer);
      abort.abort();
    };
  }, [word, source]);

  const known = answer?.word === word ? answer : null;
  const places = known?.places ?? [];
  const show = async (at: number, among: readonly FoundLine[]): Promise<void> => {
    const place = among[at];
    if (!place) return;
    const { signal } = looking.current;
    const here = lineOf(latest.current.lines, among, at, word) !== null;
    const page = here ? null : await latest.current.toPlace(place.cursor);
    if (!signal.aborted) setChosen({ at, page });
  };
  const go = async (step: 1 | -1): Promise<void> => {
    if (!known || places.length === 0) return;
    const first = (): number =>
      Math.max(
        0,
        places.findIndex(({ time }) => time >= timeInView()),
      );
    const at = chosen === null ? first() : chosen.at + step;
    if (at >= places.length && known.next !== null) {
      const { signal } = looking.current;
      const more = await ask(source, word, known.next, places, signal);
      if (signal.aborted) return;
      setAnswer(more);
      await show(at % Math.max(1, more.places.length), more.places);
    } else await show((at + places.length) % places.length, places);
  };
  const line = chosen && lineOf(reading.lines, places, chosen.at, word, chosen.page);
  return {
    field,
    text,
    word,
    found: places.length > 0,
    line,
    says: word === '' ? '' : known ? saysOf(known, chosen?.at ?? null) : 'Searching…',
    setText,
    focus: () => field.current?.select(),
    go: (step) => void go(step),
  };
}

async function ask(
  source: OutputSource,
  word: string,
  cursor: string | null,
  before: readonly FoundLine[],
  signal: AbortSignal,
): Promise<SearchAnswer> {
  try {
    const { places, next } = await source.find(word, cursor, signal);
    return { word, places: [...before, ...places], next, problem: null };
  } catch (error) {
    return { word, places: before, next: null, problem: messageOf(error) };
  }
}

/** The held line of a match: the n-th line of its moment, for the n-th match; else the first of its page. */
function lineOf(
  lines: readonly OutputLine[],
  places: readonly FoundLine[],
  at: number,
  word: string,
  page: number | null = null,
): OutputLine | null {
  const place = places[at];
  if (!place) return null;
  let nth = 0;
  for (let i = at - 1; i >= 0 && itemAt(places, i).time === place.time; i--)
    if (itemAt(places, i).stream === place.stream) nth += 1;
  const matching = lines.filter(
    (line) => line.time === place.time && line.stream === place.stream && holds(line, word),
  );
  if (matching.length) return itemAt(matching, Math.min(nth, matching.length - 1));
  return page === null ? null : (lines.find((line) => Terminal.pageOf(line) === page) ?? null);
}

function saysOf({ places, next, problem }: SearchAnswer, at: number | null): string {
  if (problem) return problem;
  if (places.length === 0) return 'Not found';
  const count = `${countText(places.length)}${next === null ? '' : '+'}`;
  return at === null ? `${count} found` : `${countText(at + 1)} of ${count}`;
}
