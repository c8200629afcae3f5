/** Figures: those of plotly drawn small, those of matplotlib as small copies of their images. */
import { useEffect, useMemo, useState, type ReactNode } from 'react';
import { Button } from '../../../parts/design/controls';
import { Lightbox } from '../../../parts/media/Lightbox';
import { MediaDialog } from '../../../parts/media/MediaDialog';
import { Explained } from '../../../parts/states';
import { useKept } from '../../../parts/useKept';
import { itemAt } from '../../../text/lists';
import { figureOf, PlotlyLoader } from '../../run/media/Figures';
import { PlotlyFigure } from '../../run/media/PlotlyFigure';
import { every, type MediaKindRow, type OpenProps, type KindTileProps } from '../kindRow';
import { PictureTile } from './images';
import '../../run/run.css';

/** Milliseconds that a tile is in sight before its figure is loaded: one that is scrolled past costs nothing. */
const RESTS = 120;

function FigureTile(props: KindTileProps): ReactNode {
  return props.item.format === 'plotly' ? <PlotlyTile {...props} /> : <PictureTile {...props} />;
}

function PlotlyTile({ item, width, height, title, onOpen }: KindTileProps): ReactNode {
  const [rested, setRested] = useState(false);
  useEffect(() => {
    const timer = window.setTimeout(() => setRested(true), RESTS);
    return () => window.clearTimeout(timer);
  }, []);
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
  const { look: _look, ...rest } = props;
  const item = itemAt(rest.items, rest.at);
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

export const FIGURES: MediaKindRow = {
  kind: 'figure',
  noun: 'figure',
  nouns: 'figures',
  label: 'Figures',
  alias: 'figures',
  icon: 'axis',
  code: 'run.track(aim.Figure(figure), name="confusion", step=step)',
  example: 'confusion if hparams.lr < 0.01 and figures.step > 100',
  searched: 'captions',
  rows: ['run.hash', 'media.name'],
  columns: ['media.step'],
  size: 320,
  sizes: [200, 960],
  looks: [],
  shapeOf: () => 0.72,
  tilesOf: every,
  Tile: FigureTile,
  Open: OpenFigure,
};
