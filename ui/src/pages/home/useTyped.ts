/** A text as it is typed, handed on when the typing rests; it follows changes from outside. */
import { useCallback, useEffect, useRef, useState } from 'react';
import { onLeave } from '../../parts/address';
import { Typing } from './typing';

export function useTyped(value: string, onRest: (text: string) => void): [string, (text: string) => void] {
  const [text, setText] = useState(value);
  const latest = useRef(onRest);
  useEffect(() => {
    latest.current = onRest;
  });
  const [typing] = useState(() => new Typing(value, (next) => latest.current(next)));
  useEffect(() => {
    if (typing.outdatedBy(value)) setText(value);
  }, [typing, value]);
  useEffect(() => {
    const off = onLeave(typing.flush);
    return () => {
      off();
      typing.drop();
    };
  }, [typing]);
  const type = useCallback(
    (next: string) => {
      setText(next);
      typing.type(next);
    },
    [typing],
  );
  return [text, type];
}
