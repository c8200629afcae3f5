/** The state of the page in its address. */
import { adjust, useAddress } from '../../parts/address';
import { useSteady } from '../../parts/useSteady';
import { readMediaAddress, writtenMedia, type MediaAddress } from './mediaAddress';

export type ChangeMedia = (change: Partial<MediaAddress>, kind?: 'step' | 'adjust') => void;

export function useMediaAddress(): [MediaAddress, ChangeMedia] {
  const address = useSteady(readMediaAddress(useAddress()));
  return [address, (change, kind = 'step') => adjust(writtenMedia(change), { replace: kind === 'adjust' })];
}
