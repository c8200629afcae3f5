/** Images of a step side by side, in groups by name and context; a click enlarges one. */
import { useMemo, useState, type ReactNode } from 'react';
import { Choice } from '../../../parts/design/controls';
import { countText } from '../../../text/format';
import type { MediaSeries, MediaValues, Run } from '../../../wire';
import { Answer } from '../../../parts/Sheet';
import { Lightbox } from '../../../parts/media/Lightbox';
import { Picture } from '../../../parts/media/Picture';
import { stepsOf } from '../../../parts/media/StepRange';
import { SeriesList } from './Series';
import { StepSlider, useStep } from './step';
import { useValues } from './useMedia';

const STEPS = 300;
const AT_ONCE = 60;

type ImageSize = 'small' | 'medium' | 'large';
type Order = 'step' | 'all';
const SIZES: readonly { value: ImageSize; label: string }[] = [
  { value: 'small', label: 'Small' },
  { value: 'medium', label: 'Medium' },
  { value: 'large', label: 'Large' },
];
const ORDERS: readonly { value: Order; label: string }[] = [
  { value: 'step', label: 'One step' },
  { value: 'all', label: 'All steps' },
];

export function Images({ run, series }: { run: Run; series: readonly MediaSeries[] }): ReactNode {
  const [size, setSize] = useState<ImageSize>('medium');
  const [order, setOrder] = useState<Order>('step');
  return (
    <SeriesList
      series={series}
      noun="image"
      wide
      shared={order === 'step'}
      controls={
        <>
          <span className="stretch" />
          <Choice label="Which images" value={order} options={ORDERS} onChange={setOrder} />
          <Choice label="Size of the images" value={size} options={SIZES} onChange={setSize} />
        </>
      }
    >
      {(title) => <ImageGroup run={run} series={title} size={size} order={order} />}
    </SeriesList>
  );
}

function ImageGroup({
  run,
  series,
  size,
  order,
}: {
  run: Run;
  series: MediaSeries;
  size: ImageSize;
  order: Order;
}): ReactNode {
  const asked = useValues(run, series, { steps: STEPS });
  return <Answer of={asked}>{(media) => <Gallery run={run} media={media} size={size} order={order} />}</Answer>;
}

export function Gallery({
  run,
  media,
  size,
  order,
}: {
  run: Run;
  media: MediaValues;
  size: ImageSize;
  order: Order;
}): ReactNode {
  const steps = useMemo(() => stepsOf(media.values), [media]);
  const choice = useStep(steps);
  const [open, setOpen] = useState<number | null>(null);
  const [most, setMost] = useState(AT_ONCE);
  const shown = order === 'all' ? media.values : media.values.filter(({ step }) => step === steps[choice.at]);
  return (
    <>
      {order === 'step' && <StepSlider of={choice} label={`Step of ${media.name}`} />}
      <ul className={`gallery ${shown.length < 3 && size === 'medium' ? 'few' : size}`}>
        {shown.slice(0, most).map((value, index) => (
          <li key={`${value.step} ${value.index} ${value.blob}`}>
            <button type="button" className="thumb" onClick={() => setOpen(index)}>
              <Picture picture={{ ...value, run, name: media.name }} />
            </button>
            <p className="thumb-says">
              {order === 'all' && <span className="count">{`step ${countText(value.step)} `}</span>}
              {value.caption && <bdi title={value.caption}>{value.caption}</bdi>}
            </p>
          </li>
        ))}
      </ul>
      {shown.length > most && (
        <button type="button" className="text-link" onClick={() => setMost(most + AT_ONCE * 2)}>
          {`Show more of ${countText(shown.length)} images`}
        </button>
      )}
      {media.steps < media.steps_found && (
        <p className="count">{`${countText(media.steps)} of ${countText(media.steps_found)} steps can be chosen, evenly spread`}</p>
      )}
      {open !== null && (
        <Lightbox
          pictures={shown.map((value) => ({ ...value, run, name: media.name }))}
          at={Math.min(open, shown.length - 1)}
          onMove={setOpen}
          onClose={() => setOpen(null)}
        />
      )}
    </>
  );
}
