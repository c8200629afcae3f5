/** Figures: those of plotly drawn small, curves of a cell over each other, those of matplotlib as copies of their images. */
import { useEffect, useMemo, useState, type ReactNode } from 'react';
import { Button } from '../../../parts/design/controls';
import { Lightbox } from '../../../parts/media/Lightbox';
import { MediaDialog } from '../../../parts/media/MediaDialog';
import { Explained } from '../../../parts/states';
import { useKept } from '../../../parts/useKept';
import { isCurve } from '../../../explorer/classifier';
import type { MediaItem } from '../../../data/cells';
import { groupedBy, itemAt } from '../../../text/lists';
import { CurvesOf, MatrixOf, useSaveCurves, type RecordedCurveSource } from '../../run/media/Classifier';
import type { CurveOfRun } from '../../run/media/curveStyle';
import { EmbeddingOf, PointsOf } from '../../run/media/Clouds';
import { figureOf } from '../../run/media/figureBlob';
import { PlotlyLoader } from '../../run/media/Figures';
import { PlotlyFigure } from '../../run/media/PlotlyFigure';
import { every, type MediaKindRow, type OpenProps, type KindTileProps, type TileLook } from '../kindRow';
import { PictureTile } from './images';
import '../../run/run.css';

/** Milliseconds that a tile is in sight before its figure is loaded: one that is scrolled past costs nothing. */
const RESTS = 120;
/** Drawn alone, each by its own component. */
const CHARTS: ReadonlyMap<string, typeof MatrixOf> = new Map([
  ['confusion', MatrixOf],
  ['points', PointsOf],
  ['embedding', EmbeddingOf],
]);

function FigureTile(props: KindTileProps): ReactNode {
  const { format } = props.item;
  if (format === 'plotly') return <PlotlyTile {...props} />;
  return isCurve(format) || CHARTS.has(format) ? <ClassifierTile {...props} /> : <PictureTile {...props} />;
}

function useRested(): boolean {
  const [rested, setRested] = useState(false);
  useEffect(() => {
    const timer = window.setTimeout(() => setRested(true), RESTS);
    return () => window.clearTimeout(timer);
  }, []);
  return rested;
}

/** What lies over each other in a cell. */
const curveName = ({ format, name }: MediaItem): string => `${format} ${name}`;
const seriesOf = ({ contextText, caption, index }: MediaItem): string => `${contextText}\n${caption ?? index}`;
const named = new WeakMap<readonly MediaItem[], ReadonlyMap<string, readonly CurveOfRun[]>>();

const curvesIn = (items: readonly MediaItem[]) =>
  items.filter(({ format }) => isCurve(format)).map((item) => ({ ...item, series: seriesOf(item) }));

/** All curves of the name that the page has, so that each has one color in all tiles. */
function curvesAmong(items: readonly MediaItem[], item: MediaItem): readonly CurveOfRun[] {
  const known = named.get(items) ?? groupedBy(curvesIn(items), curveName);
  named.set(items, known);
  return known.get(curveName(item)) ?? [];
}

function useSources(item: MediaItem, { matesOf, labelsAmong }: TileLook): readonly RecordedCurveSource[] {
  return useMemo(() => {
    const mates = matesOf(item);
    const labels = labelsAmong(mates);
    return mates.map((mate) => ({ ...mate, label: labels(mate) || mate.name, series: seriesOf(mate) }));
  }, [item, matesOf, labelsAmong]);
}

function ClassifierTile({ item, height, title, look, onOpen }: KindTileProps): ReactNode {
  const waits = !useRested();
  const sources = useSources(item, look);
  const { format } = item;
  const Chart = CHARTS.get(format);
  return (
    <div className="media-chart" style={{ height }}>
      {isCurve(format) ? (
        <CurvesOf kind={format} sources={sources} among={curvesAmong(look.items, item)} small waits={waits} />
      ) : (
        Chart && <Chart run={item.run} value={item} small waits={waits} />
      )}
      <Button small icon="expand" aria-label={`Open ${title}`} onClick={() => onOpen(item)} />
    </div>
  );
}

function PlotlyTile({ item, width, height, title, onOpen }: KindTileProps): ReactNode {
  const rested = useRested();
  const { data, problem } = useKept(
    rested ? `figure ${item.key}` : null,
    ({ ask }, signal) => figureOf(ask, item.run, item, signal),
    () => 4 * item.size,
  );
  const tile = useMemo(() => ({ width: width - 2, height: height - 2 }), [width, height]);
  return (
    <div className="media-chart" style={{ height }}>
      {problem ? (
        <Explained problem={problem} />
      ) : data === null ? (
        <span className="media-wait skeleton" />
      ) : (
        <PlotlyFigure json={data} label={title} tile={tile} />
      )}
      <Button small icon="expand" aria-label={`Open ${title}`} onClick={() => onOpen(item)} />
    </div>
  );
}

function OpenFigure(props: OpenProps): ReactNode {
  const { look, ...rest } = props;
  const item = itemAt(rest.items, rest.at);
  if (isCurve(item.format) || CHARTS.has(item.format)) return <OpenClassifier {...props} item={item} look={look} />;
  if (item.format !== 'plotly') {
    const { items, ...others } = rest;
    return <Lightbox pictures={items} {...others} />;
  }
  return (
    <MediaDialog {...rest} ending="json">
      <div className="lightbox-text lightbox-chart" tabIndex={0} role="group" aria-label="Figure">
        <PlotlyLoader key={item.name} run={item.run} value={{ ...item, caption: null }} name={item.name} />
      </div>
    </MediaDialog>
  );
}

function OpenClassifier({ look, item, ...rest }: OpenProps & { item: MediaItem }): ReactNode {
  const sources = useSources(item, look);
  const save = useSaveCurves(sources, item.name);
  const { format } = item;
  const Chart = CHARTS.get(format);
  // The captions of curves are in the legend.
  const items = rest.items.map((other) => (other === item && isCurve(format) ? { ...other, caption: null } : other));
  return (
    <MediaDialog
      {...rest}
      items={items}
      ending={isCurve(format) || format === 'confusion' ? 'json' : 'bin'}
      save={sources.length > 1 ? save : undefined}
    >
      <div className="lightbox-text lightbox-chart" tabIndex={0} role="group" aria-label="Figure">
        {isCurve(format) ? (
          <CurvesOf kind={format} sources={sources} among={curvesAmong(look.items, item)} />
        ) : (
          Chart && <Chart key={item.key} run={item.run} value={item} />
        )}
      </div>
    </MediaDialog>
  );
}

export const FIGURES: MediaKindRow = {
  kind: 'figure',
  noun: 'figure',
  nouns: 'figures',
  label: 'Figures',
  alias: 'figures',
  icon: 'axis',
  code: 'run.track(aim.Figure(figure), name="losses", step=step)',
  example: 'roc if hparams.lr < 0.01 and figures.step > 100',
  searched: 'captions',
  rows: ['media.name'],
  columns: ['media.step'],
  size: 320,
  sizes: [200, 960],
  looks: [],
  shapeOf: () => 0.72,
  tilesOf: every,
  together: { noun: 'curve', of: (item) => (isCurve(item.format) ? curveName(item) : null) },
  Tile: FigureTile,
  Open: OpenFigure,
};
