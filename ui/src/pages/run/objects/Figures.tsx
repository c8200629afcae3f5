/** Figures: pictures as they are, plotly's lines as our own chart, and the JSON of everything else. */
import { useEffect, useMemo, useRef, useState, type ReactNode } from 'react';
import { colorFor, eight, LineChart, twentyFour, type Line } from '../../../charts';
import { Icon } from '../../../parts/design/Icon';
import { chartTheme } from '../../../explorer/chartTheme';
import { fileName } from '../../../text/csv';
import { plural, sizeText } from '../../../text/format';
import { useFrame } from '../../../parts/useFrame';
import type { MediaSeries, MediaValue, MediaValues, Run } from '../../../wire';
import { useApi, type Api } from '../../../data/api';
import { Answer } from '../../../parts/Sheet';
import { useAsked } from '../../../parts/useAsked';
import { Gallery, stepsOf } from './Images';
import { JsonTree } from './JsonTree';
import { readPlot, type Plot } from './plotly';
import { SeriesList, StepSlider, useStep } from './Series';
import { useValues } from './useObjects';

const STEPS = 300;
const LARGEST = 20_000_000;

export function Figures({ run, series }: { run: Run; series: readonly MediaSeries[] }): ReactNode {
  return (
    <SeriesList series={series} noun="figure" wide>
      {(one) => <Loaded run={run} series={one} />}
    </SeriesList>
  );
}

function Loaded({ run, series }: { run: Run; series: MediaSeries }): ReactNode {
  const asked = useValues(run, series, { steps: STEPS });
  return <Answer of={asked}>{(found) => <ByStep run={run} found={found} />}</Answer>;
}

function ByStep({ run, found }: { run: Run; found: MediaValues }): ReactNode {
  const steps = useMemo(() => stepsOf(found.values), [found]);
  const [at, setAt] = useStep(steps);
  const plots = found.values.filter(({ format }) => format === 'plotly');
  if (plots.length === 0) return <Gallery run={run} found={found} size="large" order="step" />;
  const shown = found.values.filter(({ step }) => step === steps[at]);
  const pictures = shown.filter(({ format }) => format !== 'plotly');
  return (
    <>
      <StepSlider steps={steps} at={at} onChange={setAt} label={`Step of ${found.name}`} />
      {shown
        .filter(({ format }) => format === 'plotly')
        .map((value) => (
          <Plotly key={value.blob} run={run} value={value} name={found.name} />
        ))}
      {pictures.length > 0 && <Gallery run={run} found={{ ...found, values: pictures }} size="large" order="all" />}
    </>
  );
}

async function figureOf(ask: Api['ask'], run: Run, value: MediaValue, signal: AbortSignal): Promise<unknown> {
  if (value.size > LARGEST) throw new Error(`The figure is ${sizeText(value.size)} large: download it to look at it.`);
  return JSON.parse(await (await ask.blob(run.id, value.blob, signal)).text());
}

function Plotly({ run, value, name }: { run: Run; value: MediaValue; name: string }): ReactNode {
  const { ask, blobAddress } = useApi();
  const asked = useAsked(`figure ${value.blob}`, (signal) => figureOf(ask, run, value, signal));
  return (
    <figure className="figure">
      {value.caption && (
        <figcaption className="object-caption">
          <bdi>{value.caption}</bdi>
        </figcaption>
      )}
      <Answer of={asked}>{(figure) => <Drawn figure={figure} />}</Answer>
      <p className="figure-foot">
        <a
          className="button outline small"
          href={blobAddress(run.id, value.blob)}
          download={fileName(`${name}-${value.step}`, 'json')}
        >
          <Icon name="download" />
          Download as JSON
        </a>
        <span className="count">{sizeText(value.size)}</span>
      </p>
    </figure>
  );
}

function Drawn({ figure }: { figure: unknown }): ReactNode {
  const plot = useMemo(() => readPlot(figure), [figure]);
  return (
    <>
      {plot.traces.length > 0 && <Lines plot={plot} />}
      {plot.others.length > 0 && (
        <p className="quiet">
          {`${plural(plot.others.length, 'trace')} of plotly ${plot.others.length === 1 ? 'is' : 'are'} not drawn here: `}
          <bdi>{[...new Set(plot.others)].join(', ')}</bdi>. The data is below.
        </p>
      )}
      <details className="figure-data" open={plot.traces.length === 0}>
        <summary>Data of the figure</summary>
        <JsonTree value={figure} />
      </details>
    </>
  );
}

function Lines({ plot }: { plot: Plot }): ReactNode {
  const { theme } = useFrame();
  const host = useRef<HTMLDivElement>(null);
  const chart = useRef<LineChart | null>(null);
  const [over, setOver] = useState<string | null>(null);
  const lines = useMemo<Line[]>(() => {
    const palette = plot.traces.length <= eight.light.length ? eight : twentyFour;
    return plot.traces.map(({ name, x, y }, at) => ({
      key: String(at),
      label: name,
      color: colorFor(at, theme, palette),
      dash: [],
      x,
      y,
    }));
  }, [plot, theme]);
  useEffect(() => {
    if (!host.current) return undefined;
    const made = new LineChart(host.current, { xKind: 'value' });
    chart.current = made;
    made.on.hover((hover) => setOver(hover?.key ?? null));
    return () => made.destroy();
  }, []);
  useEffect(() => {
    chart.current?.setOptions({ theme: chartTheme(theme), xLabel: plot.xLabel, yLabel: plot.yLabel });
    chart.current?.setLines(lines);
  }, [theme, plot, lines]);
  return (
    <>
      {plot.title && (
        <h3 className="figure-title">
          <bdi>{plot.title}</bdi>
        </h3>
      )}
      <div ref={host} className="figure-host" />
      <ul className="metric-legend" aria-label="Traces">
        {lines.slice(0, 24).map((line) => (
          <li key={line.key} className={over === line.key ? 'over' : ''}>
            <span className="key" style={{ background: line.color }} aria-hidden="true" />
            <bdi>{line.label}</bdi>
          </li>
        ))}
        {lines.length > 24 && <li>{`and ${lines.length - 24} more`}</li>}
      </ul>
    </>
  );
}
