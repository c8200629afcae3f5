/** The held part of an output as React state: read on in both directions, followed at its end, moved to another place. */
import { useEffect, useMemo, useState, useSyncExternalStore } from 'react';
import { Reader, type ReaderState } from './reader';
import type { OutputSource } from './source';

export interface Reading extends ReaderState, Pick<Reader, 'older' | 'newer' | 'toStart' | 'toEnd' | 'toPlace'> {}

export function useOutput(source: OutputSource, following: boolean): Reading {
  const [reader] = useState(() => new Reader());
  const state = useSyncExternalStore(reader.subscribe, () => reader.state);
  useEffect(() => {
    reader.following = following;
  }, [reader, following]);
  useEffect(() => {
    reader.open(source);
    return () => reader.close();
  }, [reader, source]);
  useEffect(() => source.listen(() => reader.heard()), [reader, source]);
  return useMemo(() => {
    const { older, newer, toStart, toEnd, toPlace } = reader;
    return { ...state, older, newer, toStart, toEnd, toPlace };
  }, [reader, state]);
}
