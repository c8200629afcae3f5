/** Small images are scaled by whole pixels; space is reserved before they load. */
import { useState, type ReactNode } from 'react';
import { useApi } from '../../data/api';
import type { MediaValue, Run } from '../../wire';
import './media.css';

/** An image of some run, and what is said about it. */
export interface ShownPicture extends Pick<
  MediaValue,
  'step' | 'index' | 'time' | 'blob' | 'size' | 'format' | 'caption' | 'width' | 'height'
> {
  readonly run: Pick<Run, 'id'>;
  readonly name: string;
}

export function Picture({ picture, whole = false }: { picture: ShownPicture; whole?: boolean }): ReactNode {
  const { run, name, ...value } = picture;
  const { blobAddress } = useApi();
  const [broken, setBroken] = useState(false);
  const tiny = (value.width ?? Infinity) <= 96;
  if (broken)
    return (
      <span className="broken-picture" role="img" aria-label={`${name} could not be shown`}>
        This {value.format} cannot be shown
      </span>
    );
  return (
    <img
      className={tiny ? 'tiny' : undefined}
      src={blobAddress(run.id, value.blob)}
      alt={value.caption || `${name}, step ${value.step}`}
      width={value.width ?? undefined}
      height={value.height ?? undefined}
      loading={whole ? 'eager' : 'lazy'}
      decoding="async"
      draggable={false}
      onError={() => setBroken(true)}
    />
  );
}
