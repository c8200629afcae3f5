/** A change of stored data, told to everybody who shows it; what goes wrong becomes a message. */
import { useCallback } from 'react';
import { useToast } from './design/Toast';
import { useFrame } from './useFrame';
import { messageOf } from '../data/error';

export function useEdit(): (runs: readonly string[], call: () => Promise<unknown>, said?: string) => Promise<boolean> {
  const { edited } = useFrame();
  const toast = useToast();
  return useCallback(
    async (runs, call, said) => {
      try {
        await call();
      } catch (error) {
        toast({ text: messageOf(error), tone: 'danger' });
        return false;
      }
      edited(runs);
      if (said) toast({ text: said });
      return true;
    },
    [edited, toast],
  );
}
