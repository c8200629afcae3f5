/** Search in an output: the server finds the places everywhere, the lines that are held show where exactly. */
import { useEffect, useRef, useState, type RefObject } from 'react';
import { messageOf } from '../Dialog';
import { countText } from '../../../explorer/format';
import { folded, holds } from './marks';
import type { Found, OutputSource } from './source';
import { Terminal, type Line } from './terminal';
import type { Reading } from './useOutput';

export interface Search {
  readonly field: RefObject<HTMLInputElement | null>;
  readonly text: string;
  /** What is looked for in the lines; empty when nothing is. */
  readonly word: string;
  readonly found: boolean;
  /** The line that was found last. */
  readonly line: Line | null;
  /** How many, or why none. */
  readonly says: string;
  setText(text: string): void;
  focus(): void;
  go(step: 1 | -1): void;
}

const PAUSE = 250;

export function useSearch(source: OutputSource, reading: Reading): Search {
  const field = useRef<HTMLInputElement>(null);
  const [text, setText] = useState('');
  const [answer, setAnswer] = useState<{ word: string; found: Found | null; problem: string | null } | null>(null);
  const [place, setPlace] = useState<{ at: number; id: number | null } | null>(null);
  const word = folded(text.trim());

  useEffect(() => {
    setPlace(null);
    setAnswer(null);
    if (word === '') return undefined;
    const abort = new AbortController();
    const timer = window.setTimeout(() => {
      source.find(text.trim(), abort.signal).then(
        (found) => !abort.signal.aborted && setAnswer({ word, found, problem: null }),
        (error: unknown) => !abort.signal.aborted && setAnswer({ word, found: null, problem: messageOf(error) }),
      );
    }, PAUSE);
    return () => {
      window.clearTimeout(timer);
      abort.abort();
    };
  }, [word, source.key]);

  const places = answer?.word === word ? (answer.found?.places ?? []) : [];
  const latest = useRef(reading);
  useEffect(() => {
    latest.current = reading;
  });
  const go = (step: 1 | -1): void => {
    if (places.length === 0) return;
    const from = place?.at ?? (step > 0 ? -1 : 0);
    const at = (from + step + places.length) % places.length;
    void latest.current.toPlace(places[at]!).then((serial) => setPlace({ at, id: serial }));
  };
  const line =
    place?.id === undefined || place.id === null
      ? null
      : (reading.lines.find((one) => Terminal.pageOf(one) === place.id && holds(one, word)) ?? null);
  return {
    field,
    text,
    word,
    found: places.length > 0,
    line,
    says: saysOf(word, answer, place?.at ?? null),
    setText,
    focus: () => field.current?.focus(),
    go,
  };
}

function saysOf(word: string, answer: { word: string; found: Found | null; problem: string | null } | null, at: number | null): string {
  if (word === '') return '';
  if (!answer || answer.word !== word) return 'Searching…';
  if (answer.problem) return answer.problem;
  const { places, more } = answer.found!;
  const count = `${countText(places.length)}${more ? '+' : ''}`;
  if (places.length === 0) return 'Not found';
  return at === null ? `${count} found` : `${countText(at + 1)} of ${count}`;
}
