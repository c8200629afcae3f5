/** One plotly figure, drawn by plotly.js and labeled for the keyboard and for screen readers. */
import { useEffect, useMemo, useRef, useState, type ReactNode } from 'react';
import { Button } from '../../../parts/design/controls';
import { chartTheme } from '../../../explorer/chartTheme';
import { countText } from '../../../text/format';
import type { Theme } from '../../../parts/design/theme';
import { useFrame } from '../../../parts/useFrame';
import { readFigure, type Figure } from './figure';
import { heightOf, themedLayout, tileLayout, widthOf, type TileBox } from './figureTheme';
import { JsonTree } from './JsonTree';
import { loadPlotly } from './plotly';

/** Larger figures may take seconds to draw. */
const MAX_SIZE = 500_000;

export function PlotlyFigure({
  json,
  label,
  tile,
}: {
  json: unknown;
  label: string;
  /** Drawn this small, for a look at it. */
  tile?: TileBox;
}): ReactNode {
  const figure = useMemo(() => attempt(() => readFigure(json)), [json]);
  const [problem, setProblem] = useState<{ figure: Figure; message: string } | null>(null);
  const broken = figure instanceof Error ? figure.message : problem?.figure === figure ? problem.message : null;
  return (
    <>
      {broken !== null && <Broken message={broken} />}
      {!(figure instanceof Error) && broken === null && (
        <DrawnFigure
          figure={figure}
          label={label}
          tile={tile}
          onProblem={(message) => setProblem({ figure, message })}
        />
      )}
      {!tile && (
        <details className="figure-data" open={broken !== null}>
          <summary>Figure data</summary>
          <JsonTree value={json} />
        </details>
      )}
    </>
  );
}

function attempt<T>(make: () => T): T | Error {
  try {
    return make();
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

function Broken({ message }: { message: string }): ReactNode {
  return (
    <p className="figure-problem" role="alert">
      Plotly cannot draw this figure: <bdi>{message.slice(0, 300)}</bdi>
    </p>
  );
}

interface DrawnProps {
  figure: Figure;
  label: string;
  tile?: TileBox;
  onProblem: (message: string) => void;
}

function DrawnFigure({ figure, label, tile, onProblem }: DrawnProps): ReactNode {
  const [agreed, setAgreed] = useState(false);
  return (
    <>
      {figure.omitted.length > 0 && (
        <p className="quiet">{`Maps need other servers and are not drawn: ${figure.omitted.join(', ')}.`}</p>
      )}
      {agreed || figure.size <= MAX_SIZE ? (
        <Canvas figure={figure} label={label} tile={tile} onProblem={onProblem} />
      ) : (
        <p className="figure-large">
          {`This figure has ${countText(figure.size)} values. Drawing it can make the page slow. `}
          <Button look="outline" onClick={() => setAgreed(true)}>
            Draw figure
          </Button>
        </p>
      )}
    </>
  );
}

function Canvas({ figure, label, tile, onProblem }: DrawnProps): ReactNode {
  const { theme } = useFrame();
  const host = useRef<HTMLDivElement>(null);
  const [drawn, setDrawn] = useState(false);
  const report = useRef(onProblem);
  useEffect(() => {
    report.current = onProblem;
  });
  useEffect(() => {
    if (!host.current) return undefined;
    let current = true;
    draw(host.current, figure, theme, tile, () => current).then(
      () => current && setDrawn(true),
      (error: unknown) => current && report.current(error instanceof Error ? error.message : String(error)),
    );
    return () => {
      current = false;
    };
  }, [figure, theme, tile]);
  useEffect(() => (host.current ? keepSized(host.current) : undefined), []);
  return (
    <div
      ref={host}
      className="figure-host"
      role="group"
      aria-label={label}
      aria-busy={!drawn}
      style={tile ?? { height: heightOf(figure.layout), width: widthOf(figure.layout) }}
    />
  );
}

/** Nothing leads to plotly's servers; a saved image has two pixels per pixel of the page. */
const CONFIG = {
  displaylogo: false,
  modeBarButtonsToRemove: ['sendChartToCloud'],
  plotlyServerURL: '',
  topojsonURL: '',
  toImageButtonOptions: { scale: 2 },
};

async function draw(
  host: HTMLElement,
  figure: Figure,
  theme: Theme,
  tile: TileBox | undefined,
  current: () => boolean,
): Promise<void> {
  const plotly = await loadPlotly();
  if (!current()) return;
  const themed = themedLayout(figure.layout, chartTheme(theme));
  const layout = tile ? tileLayout(themed) : themed;
  const config = tile ? { ...CONFIG, staticPlot: true } : CONFIG;
  await plotly.react(host, { data: figure.data, layout, frames: tile ? [] : figure.frames, config });
  if (current()) makeButtons(host);
}

/** Plotly's toolbar consists of anchors that neither the keyboard nor a screen reader can reach. */
function makeButtons(host: HTMLElement): void {
  for (const button of host.querySelectorAll<HTMLElement>('.modebar-btn')) {
    button.tabIndex = 0;
    button.role = 'button';
    button.ariaLabel = button.dataset.title ?? '';
    button.removeAttribute('rel');
    button.onkeydown = (event) => {
      if (event.key !== 'Enter' && event.key !== ' ') return;
      event.preventDefault();
      button.click();
    };
  }
}

/** Draws until the returned function is called, which also frees plotly's resources. */
function keepSized(host: HTMLElement): () => void {
  const drawn = (): boolean => host.classList.contains('js-plotly-plot');
  const observer = new ResizeObserver(async () => {
    if (drawn() && host.clientWidth > 0) await (await loadPlotly()).Plots.resize(host);
  });
  observer.observe(host);
  return () => {
    observer.disconnect();
    if (drawn()) void loadPlotly().then((plotly) => plotly.purge(host));
  };
}
