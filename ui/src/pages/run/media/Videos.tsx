/** The videos of a run. A GIF is a picture for a browser: it has no controls. */
import type { ReactNode } from 'react';
import { durationText, sizeText } from '../../../text/format';
import type { MediaSeries, MediaValue, Run } from '../../../wire';
import { Players } from './Players';

export function Videos(of: { run: Run; series: readonly MediaSeries[] }): ReactNode {
  return <Players {...of} noun="video" factsOf={factsOf} player={player} />;
}

const player = ({ format, width, height }: MediaValue, address: string, label: string): ReactNode =>
  format === 'gif' ? (
    <img src={address} alt={label} loading="lazy" />
  ) : (
    <video
      controls
      loop
      playsInline
      preload="metadata"
      src={address}
      aria-label={label}
      width={width ?? undefined}
      height={height ?? undefined}
    />
  );

const factsOf = ({ seconds, width, height, format, size }: MediaValue): string[] => [
  ...(seconds === null ? [] : [durationText(seconds)]),
  ...(width === null || height === null ? [] : [`${width} × ${height}`]),
  format,
  sizeText(size),
];
