/** Pages of HTML: small and without scripts in the grid, whole when opened. */
import type { CSSProperties, ReactNode } from 'react';
import { HtmlFrame, StaticHtml } from '../../../parts/media/HtmlFrame';
import { MediaDialog } from '../../../parts/media/MediaDialog';
import { itemAt } from '../../../text/lists';
import { every, type MediaKindRow, type OpenProps, type KindTileProps } from '../kindRow';

/** A page in the grid is laid out at this width in CSS pixels, and drawn smaller. */
const PAGE_WIDTH = 800;

function HtmlTile({ item, width, height, title, onOpen }: KindTileProps): ReactNode {
  const scale = width / PAGE_WIDTH;
  const style: CSSProperties & Record<`--${string}`, number | string> = {
    height,
    '--page-scale': scale,
    '--page-width': `${PAGE_WIDTH}px`,
    '--page-height': `${height / scale}px`,
  };
  return (
    <button
      type="button"
      className="media-picture media-page"
      title={title}
      aria-label={`Open ${title}`}
      style={style}
      onClick={() => onOpen(item)}
    >
      <StaticHtml run={item.run} blob={item.blob} label={title} preview />
    </button>
  );
}

function OpenHtml({ look: _look, ...rest }: OpenProps): ReactNode {
  const item = itemAt(rest.items, rest.at);
  return (
    <MediaDialog {...rest} ending="html">
      <div className="lightbox-text lightbox-page">
        <HtmlFrame key={item.key} run={item.run} blob={item.blob} label={rest.titleOf(item)} />
      </div>
    </MediaDialog>
  );
}

export const HTMLS: MediaKindRow = {
  kind: 'html',
  noun: 'page',
  nouns: 'pages',
  label: 'HTML',
  alias: 'htmls',
  icon: 'page',
  code: 'run.track(aim.Html("<h1>Report</h1>"), name="report", step=step)',
  example: 'report if hparams.lr < 0.01 and htmls.step > 100',
  searched: 'captions',
  rows: ['run.hash', 'media.name'],
  columns: ['media.step'],
  size: 280,
  sizes: [160, 960],
  looks: [],
  shapeOf: () => 0.7,
  tilesOf: every,
  Tile: HtmlTile,
  Open: OpenHtml,
};
