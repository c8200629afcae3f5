/** A change of a text that somebody else may change meanwhile: the first try tells, and the next one replaces it. */
import { useRef } from 'react';
import { isUnseen } from '../data/error';

/** Calls `save` with the text that its author saw, or with null after they were told of another one. */
export function useWhatWasSeen(): <T>(seen: string, save: (was: string | null) => Promise<T>) => Promise<T> {
  const told = useRef(false);
  return async (seen, save) => {
    try {
      const saved = await save(told.current ? null : seen);
      told.current = false;
      return saved;
    } catch (error) {
      told.current = isUnseen(error);
      throw error;
    }
  };
}
