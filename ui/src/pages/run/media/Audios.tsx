/** The audio of a run. */
import type { ReactNode } from 'react';
import { durationText, sizeText } from '../../../text/format';
import type { MediaSeries, MediaValue, Run } from '../../../wire';
import { Players } from './Players';

export function Audios(of: { run: Run; series: readonly MediaSeries[] }): ReactNode {
  return (
    <Players
      {...of}
      noun="sound"
      factsOf={factsOf}
      player={(_, address, label) => <audio controls preload="none" src={address} aria-label={label} />}
    />
  );
}

const factsOf = ({ seconds, rate, channels, format, size }: MediaValue): string[] => [
  ...(seconds === null ? [] : [durationText(seconds)]),
  ...(rate === null ? [] : [`${rate / 1000} kHz`]),
  ...(channels === null ? [] : [channels === 1 ? 'mono' : channels === 2 ? 'stereo' : `${channels} channels`]),
  format,
  sizeText(size),
];
