/** One step for all media: a slider over the steps, and a button that plays them. */
import { useEffect, useRef, useState, type ReactNode } from 'react';
import { Button, Choice } from '../../parts/design/controls';
import { placeAt, StepRange } from '../../parts/media/StepRange';
import { itemAt } from '../../text/lists';

const SPEEDS = [
  { value: '1', label: '1 per second' },
  { value: '2', label: '2 per second' },
  { value: '5', label: '5 per second' },
  { value: '10', label: '10 per second' },
] as const;
type Speed = (typeof SPEEDS)[number]['value'];

export function Scrubber({
  nouns,
  steps,
  step,
  onMove,
}: {
  nouns: string;
  steps: readonly number[];
  step: number;
  onMove: (step: number) => void;
}): ReactNode {
  const [playing, setPlaying] = useState(false);
  const [speed, setSpeed] = useState<Speed>('5');
  const at = placeAt(steps, step);
  const latest = useRef({ at, steps, onMove });
  useEffect(() => {
    latest.current = { at, steps, onMove };
  });
  useEffect(() => {
    if (!playing) return undefined;
    const timer = window.setInterval(
      () => {
        const { at: now, steps: all, onMove: move } = latest.current;
        if (now + 1 < all.length) move(itemAt(all, now + 1));
        else setPlaying(false);
      },
      1000 / Number(speed),
    );
    return () => window.clearInterval(timer);
  }, [playing, speed]);
  const play = (): void => {
    if (!playing && at + 1 >= steps.length) onMove(itemAt(steps, 0));
    setPlaying(!playing);
  };
  if (steps.length === 0) return null;
  return (
    <div className="media-scrubber" role="group" aria-label={`Step of all ${nouns}`}>
      <Button icon={playing ? 'pause' : 'play'} tip={playing ? 'Pause' : 'Play the steps'} onClick={play} />
      <Button icon="left" tip="Step before" disabled={at === 0} onClick={() => onMove(itemAt(steps, at - 1))} />
      <Button
        icon="right"
        tip="Next step"
        disabled={at + 1 >= steps.length}
        onClick={() => onMove(itemAt(steps, at + 1))}
      />
      <span className="slider wide-slider">
        <StepRange steps={steps} at={at} label="Step" onChange={(index) => onMove(itemAt(steps, index))} />
      </span>
      <Choice label="Speed" value={speed} options={SPEEDS} onChange={setSpeed} />
    </div>
  );
}
