/** Texts: read in the grid or whole, searched, and compared word by word. */
import { useState, type ReactNode } from 'react';
import type { MediaItem } from '../../../data/cells';
import { Button, Choice } from '../../../parts/design/controls';
import { MediaDialog } from '../../../parts/media/MediaDialog';
import { useKept } from '../../../parts/useKept';
import { Explained } from '../../../parts/states';
import { itemAt } from '../../../text/lists';
import type { TextParts } from '../../../wire';
import { every, type MediaKindRow, type OpenProps, type TileLook, type KindTileProps } from '../kindRow';
import { baseOf } from './bases';
import { CompareTexts } from './CompareTexts';
import { DiffBody, TextInLook } from './textBody';

/** Characters of a tile, and of a text that is opened. */
const TILE = 4_000;
const WHOLE = 1_000_000;

export function useText(item: MediaItem | null, find: string, most: number): ReturnType<typeof useKept<TextParts>> {
  const key = item && `text ${item.key} ${most} ${find}`;
  return useKept(
    key,
    ({ ask }, signal) => ask.text(item?.run.id ?? '', item?.blob ?? '', find, most, signal),
    ({ parts }) => parts.reduce((sum, part) => sum + 2 * part.length, 200),
  );
}

/** What a look compares each text with. */
const amongOf = (look: string): 'steps' | 'runs' | null => (look === 'steps' || look === 'runs' ? look : null);

/** A text in one of the looks; those that compare ask for the other text too. */
function ShownText({
  item,
  look,
  within,
  most,
}: {
  item: MediaItem;
  look: string;
  within: TileLook;
  most: number;
}): ReactNode {
  const among = amongOf(look);
  const other = among && baseOf(within.items, item, among);
  const { data, problem } = useText(item, among ? '' : within.address.find, most);
  const base = useText(other, '', most);
  const failed = problem ?? base.problem;
  if (failed) return <Explained problem={failed} />;
  if (data === null || (other !== null && base.data === null)) return <span className="media-wait skeleton" />;
  if (!among) return <TextInLook look={look} parts={data.parts} cut={data.cut} />;
  return <DiffBody base={other && (base.data?.parts.join('') ?? null)} text={data.parts.join('')} />;
}

function TextTile({ item, height, title, look, onOpen }: KindTileProps): ReactNode {
  return (
    <div className="media-text" style={{ height }}>
      <ShownText item={item} look={look.look} within={look} most={TILE} />
      <Button small icon="expand" aria-label={`Open ${title}`} onClick={() => onOpen(item)} />
    </div>
  );
}

function OpenText({ look: within, ...rest }: OpenProps): ReactNode {
  const [look, setLook] = useState(within.look);
  const item = itemAt(rest.items, rest.at);
  return (
    <MediaDialog
      {...rest}
      ending="txt"
      controls={<Choice label="How the text is shown" value={look} options={LOOKS} onChange={setLook} />}
    >
      <div className="lightbox-text" tabIndex={0} role="group" aria-label="Text">
        <ShownText item={item} look={look} within={within} most={WHOLE} />
      </div>
    </MediaDialog>
  );
}

const LOOKS = [
  { value: 'plain', label: 'Plain text' },
  { value: 'markdown', label: 'Markdown' },
  { value: 'code', label: 'Code' },
  { value: 'steps', label: 'Changes since the step before' },
  { value: 'runs', label: 'Differences from the first run' },
] as const;

export const TEXTS: MediaKindRow = {
  kind: 'text',
  noun: 'text',
  nouns: 'texts',
  label: 'Texts',
  alias: 'texts',
  icon: 'text',
  code: 'run.track(aim.Text("what the model said"), name="answers", step=step)',
  example: 'answers if hparams.lr < 0.01 and texts.step > 100',
  searched: 'texts',
  rows: ['run.hash', 'media.name'],
  columns: ['media.step'],
  size: 320,
  sizes: [160, 960],
  looks: LOOKS,
  shapeOf: () => 0.6,
  tilesOf: every,
  Tile: TextTile,
  Open: OpenText,
  Compare: CompareTexts,
};
