/** The tables of a run: those of a step, or those of all steps as one. */
import { useMemo, useState, type ReactNode } from 'react';
import { Choice } from '../../../parts/design/controls';
import { RecordedTable } from '../../../parts/recorded/RecordedTable';
import { Answer } from '../../../parts/Sheet';
import { stepsOf } from '../../../parts/media/StepRange';
import { countText, plural } from '../../../text/format';
import type { MediaSeries, MediaValue, MediaValues, Run } from '../../../wire';
import { SeriesList } from './Series';
import { StepSlider, useStep } from './step';
import { useValues } from './useMedia';

const STEPS = 300;
/** Tables that the server shows as one. */
const TOGETHER = 64;
const SHOWN = [
  { value: 'step', label: 'Tables of a step' },
  { value: 'all', label: 'All steps as one' },
] as const;

export function Tables({ run, series }: { run: Run; series: readonly MediaSeries[] }): ReactNode {
  return (
    <SeriesList series={series} noun="table" wide>
      {(item) => <LoadedTables run={run} series={item} />}
    </SeriesList>
  );
}

function LoadedTables({ run, series }: { run: Run; series: MediaSeries }): ReactNode {
  const asked = useValues(run, series, { steps: STEPS });
  const [shown, setShown] = useState<'step' | 'all'>('step');
  const choice = series.steps > 1 && (
    <Choice label={`What is shown of ${series.name}`} value={shown} options={SHOWN} onChange={setShown} />
  );
  return (
    <Answer of={asked}>
      {(media) => (
        <>
          {choice}
          {shown === 'all' ? <TablesTogether run={run} media={media} /> : <TablesAtStep run={run} media={media} />}
        </>
      )}
    </Answer>
  );
}

const idOf = (run: Run, { blob }: MediaValue): { run: string; blob: string } => ({ run: run.id, blob });

function TablesTogether({ run, media }: { run: Run; media: MediaValues }): ReactNode {
  const of = media.values.slice(-TOGETHER).map((value) => idOf(run, value));
  return (
    <>
      {of.length < media.values.length && (
        <p className="quiet">{`The last ${countText(TOGETHER)} of ${plural(media.values.length, 'table')}.`}</p>
      )}
      <RecordedTable of={of} label={`${media.name}, all steps`} />
    </>
  );
}

function TablesAtStep({ run, media }: { run: Run; media: MediaValues }): ReactNode {
  const steps = useMemo(() => stepsOf(media.values), [media]);
  const choice = useStep(steps);
  return (
    <>
      <StepSlider of={choice} label={`Step of ${media.name}`} />
      {media.values
        .filter(({ step }) => step === steps[choice.at])
        .map((value) => (
          <div key={`${value.index} ${value.blob}`}>
            {value.caption && (
              <p className="object-caption">
                <bdi>{value.caption}</bdi>
              </p>
            )}
            <RecordedTable key={value.blob} of={[idOf(run, value)]} label={`${media.name}, step ${value.step}`} />
          </div>
        ))}
    </>
  );
}
