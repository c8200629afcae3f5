/** A text as it is typed, handed on when the typing rests; it follows changes from outside. */
import { useCallback, useEffect, useRef, useState } from 'react';

const REST = 200;

export function useTyped(value: string, onRest: (text: string) => void): [string, (text: string) => void] {
  const [text, setText] = useState(value);
  const timer = useRef(0);
  /** What was handed on comes back as `value` while the typing may go on. */
  const handed = useRef(value);
  const latest = useRef(onRest);
  useEffect(() => {
    latest.current = onRest;
  });
  useEffect(() => {
    if (value !== handed.current) setText(value);
    handed.current = value;
  }, [value]);
  useEffect(() => () => window.clearTimeout(timer.current), []);
  const type = useCallback((next: string) => {
    setText(next);
    window.clearTimeout(timer.current);
    timer.current = window.setTimeout(() => {
      handed.current = next;
      latest.current(next);
    }, REST);
  }, []);
  return [text, type];
}
