/** The grid of an answer with its toolbar, the shared step, and what is opened from it. */
import { useCallback, useEffect, useMemo, useRef, useState, type ReactNode } from 'react';
import type { MediaItem, MediaResult } from '../../data/cells';
import { chosenFields, varyingParams } from '../../explorer/channels';
import { groupBy, type Group } from '../../explorer/grouping';
import { runNames } from '../../explorer/names';
import { Button } from '../../parts/design/controls';
import { Notice } from '../../parts/states';
import { stepsOf } from '../../parts/media/StepRange';
import { countText, plural } from '../../text/format';
import { gridOf, inOrder, type MediaGrid } from './grid';
import type { MediaKindRow, TileLook } from './kindRow';
import { labelOf, wholeLabel } from './labels';
import type { MediaAddress, GridSide } from './mediaAddress';
import type { ChangeMedia } from './useMediaAddress';
import { LABEL, MediaGridView, ROW_HEAD, TILE_GAP } from './MediaGridView';
import { MediaToolbar } from './MediaToolbar';
import { Scrubber } from './Scrubber';
import { itemsAt } from './steps';
import { tilesOfCells } from './together';

interface MediaExplorerProps {
  result: MediaResult;
  kind: MediaKindRow;
  q: string;
  address: MediaAddress;
  change: ChangeMedia;
}

const STEP = 'media.step';
/** Below smaller tiles is no room for a label. */
const LABELED = 80;
/** Milliseconds without a movement. */
const RESTS = 400;

/** The fields that rows and columns group by. Where all share a step, nothing is grouped by it. */
function useFields(
  { runs, paths }: MediaResult,
  kind: MediaKindRow,
  address: MediaAddress,
  oneStep: boolean,
): Record<GridSide, readonly string[]> {
  const varying = useMemo(() => varyingParams({ runs, paths }), [runs, paths]);
  const { allBut } = address;
  const [rows, columns] = [address.rows ?? kind.rows, address.columns ?? kind.columns];
  return useMemo(() => {
    const of = (side: GridSide, chosen: readonly string[]): readonly string[] => {
      const fields = allBut.includes(side)
        ? chosenFields({ color: chosen, stroke: [], chart: [], allBut: ['color'], off: [] }, 'color', varying, [])
        : chosen;
      return oneStep ? fields.filter((id) => id !== STEP) : fields;
    };
    return { rows: of('rows', rows), columns: of('columns', columns) };
  }, [rows, columns, allBut, varying, oneStep]);
}

/** The step that all show, moved at once and kept in the address once it rests. */
function useStep(kept: number | null, change: ChangeMedia): [number | null, (step: number) => void] {
  const [moved, setMoved] = useState<number | null>(null);
  const latest = useRef(change);
  useEffect(() => {
    latest.current = change;
  });
  useEffect(() => setMoved(null), [kept]);
  useEffect(() => {
    if (moved === null) return undefined;
    const timer = window.setTimeout(() => latest.current({ at: moved }, 'adjust'), RESTS);
    return () => window.clearTimeout(timer);
  }, [moved]);
  return [kept === null ? null : (moved ?? kept), setMoved];
}

/** Which tiles are chosen, to be compared. */
function useChosen(items: readonly MediaItem[]): {
  keys: readonly string[];
  marked: readonly MediaItem[];
  choose: (item: MediaItem, on: boolean) => void;
  clear: () => void;
} {
  const [keys, setKeys] = useState<readonly string[]>([]);
  const choose = useCallback(
    (item: MediaItem, on: boolean) =>
      setKeys((old) =>
        on ? [...old.filter((key) => key !== item.key), item.key] : old.filter((key) => key !== item.key),
      ),
    [],
  );
  const marked = useMemo(() => keys.flatMap((key) => items.find((item) => item.key === key) ?? []), [keys, items]);
  return { keys, marked, choose, clear: () => setKeys([]) };
}

export function MediaExplorer({ result, kind, q, address, change }: MediaExplorerProps): ReactNode {
  const { items, runs, paths } = result;
  const [open, setOpen] = useState<string | null>(null);
  const [comparing, setComparing] = useState(false);
  const { down } = address;
  const size = Math.min(kind.sizes[1], Math.max(kind.sizes[0], address.size ?? kind.size));
  const way = kind.looks.find(({ value }) => value === address.look) ?? kind.looks[0];
  const [at, move] = useStep(address.at, change);
  const fields = useFields(result, kind, address, at !== null);
  const names = useMemo(() => runNames({ runs, paths }), [runs, paths]);
  const steps = useMemo(() => stepsOf(items), [items]);
  const shown = useMemo(() => kind.tilesOf(at === null ? items : itemsAt(items, at)), [kind, items, at]);
  const [rows, columns] = useMemo(() => {
    const grouped = (side: GridSide): readonly Group<MediaItem>[] => {
      const groups = groupBy(shown, fields[side], () => 0, names);
      return down.includes(side) ? groups.reverse() : groups;
    };
    return [grouped('rows'), grouped('columns')];
  }, [shown, fields, names, down]);
  const { tiles, matesOf } = useMemo(
    () => tilesOfCells(shown, [rows, columns], kind.together?.of),
    [shown, rows, columns, kind],
  );
  const look = useMemo<TileLook>(() => {
    const own = labelOf(shown, [...fields.rows, ...fields.columns], names);
    const labels = (item: MediaItem): string => {
      const mates = matesOf(item);
      return mates.length > 1 ? plural(mates.length, kind.together?.noun ?? kind.noun) : own(item);
    };
    return {
      address,
      look: way?.value ?? '',
      at,
      items,
      labelOf: labels,
      titleOf: (item) => (matesOf(item).length > 1 ? `${item.name} · ${labels(item)}` : wholeLabel(item, names)),
      labelsAmong: (some) => labelOf(some, some.every(({ caption }) => caption) ? ['media.index'] : [], names),
      matesOf,
      labeled: size >= LABELED && tiles.some((item) => labels(item) !== ''),
    };
  }, [shown, tiles, matesOf, kind, fields, names, address, way, at, items, size]);
  const shape = useMemo(() => kind.shapeOf(items), [kind, items]);
  const tile = useMemo(
    () => ({
      width: size + TILE_GAP,
      height: Math.round(size * shape) + (look.labeled ? LABEL : 0) + TILE_GAP,
    }),
    [size, shape, look.labeled],
  );
  const head = fields.rows.length > 0 ? ROW_HEAD : 0;
  const gridFor = useMemo(() => {
    let [known, made]: [number, MediaGrid | null] = [0, null];
    return (width: number): MediaGrid => {
      if (made === null || known !== width)
        [known, made] = [width, gridOf(tiles, rows, columns, { tile, head, width })];
      return made;
    };
  }, [tiles, rows, columns, tile, head]);
  const chosen = useChosen(items);
  const onOpen = useCallback((item: MediaItem) => setOpen(item.key), []);
  const [first, second] = chosen.marked;
  const inLine = open === null ? [] : inOrder(gridFor(Infinity));
  const place = inLine.findIndex(({ key }) => key === open);
  const { Tile, Open, Compare } = kind;
  return (
    <div className="media-page">
      <MediaToolbar
        result={result}
        kind={kind}
        q={q}
        address={address}
        size={size}
        look={way?.value ?? ''}
        change={change}
      />
      {at !== null && <Scrubber nouns={kind.nouns} steps={steps} step={at} onMove={move} />}
      {chosen.marked.length > 0 && (
        <div className="media-chosen" role="group" aria-label={`Chosen ${kind.nouns}`}>
          <span className="count">{`${countText(chosen.marked.length)} chosen`}</span>
          <Button
            small
            look="primary"
            icon="diff"
            disabled={chosen.marked.length !== 2}
            onClick={() => setComparing(true)}
          >
            Compare
          </Button>
          <Button small onClick={chosen.clear}>
            Clear
          </Button>
          {chosen.marked.length !== 2 && <span className="count">{`Choose two ${kind.nouns} to compare them.`}</span>}
        </div>
      )}
      {shown.length === 0 ? (
        <NoneShown result={result} kind={kind} address={address} change={change} />
      ) : (
        <MediaGridView
          label={kind.label}
          Tile={Tile}
          gridFor={gridFor}
          columnsNamed={fields.columns.length > 0}
          look={look}
          chosen={chosen.keys}
          onChoose={Compare ? chosen.choose : null}
          onOpen={onOpen}
        />
      )}
      {place >= 0 && (
        <Open
          items={inLine}
          at={place}
          titleOf={(item) => (matesOf(item).length > 1 ? look.titleOf(item) : `${names(item.run)} · ${item.name}`)}
          look={look}
          onMove={(next) => setOpen(inLine[next]?.key ?? null)}
          onClose={() => setOpen(null)}
        />
      )}
      {comparing && first && second && Compare && (
        <Compare
          pair={[first, second]}
          titleOf={(item) => wholeLabel(item, names)}
          onClose={() => setComparing(false)}
        />
      )}
    </div>
  );
}

function NoneShown({ result, kind, address, change }: Omit<MediaExplorerProps, 'q'>): ReactNode {
  if (address.find && result.searched > 0)
    return (
      <Notice icon="search" title={`No match in these ${kind.nouns}`}>
        <p>
          None of {plural(result.searched, kind.noun)} contains <bdi>{address.find}</bdi>.
        </p>
        <Button look="outline" onClick={() => change({ find: '' })}>
          {`Show all ${kind.nouns}`}
        </Button>
      </Notice>
    );
  return (
    <Notice icon="filter" title={`No ${kind.nouns} in these ranges`}>
      <p>{`${plural(result.matched, kind.noun)} match the query at steps ${countText(result.firstStep)} to ${countText(result.lastStep)}.`}</p>
      <Button look="outline" onClick={() => change({ lo: null, hi: null, low: null, high: null, at: null })}>
        Show all steps and indices
      </Button>
    </Notice>
  );
}
