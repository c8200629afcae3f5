/** The grid of an answer with its toolbar, the shared step, and what is opened from it. */
import { useCallback, useEffect, useMemo, useRef, useState, type ReactNode } from 'react';
import type { MediaItem, MediaResult } from '../../data/cells';
import { chosenFields, varyingParams } from '../../explorer/channels';
import { groupBy, type Group } from '../../explorer/grouping';
import { runNames } from '../../explorer/names';
import { Button } from '../../parts/design/controls';
import { Lightbox } from '../../parts/media/Lightbox';
import { Notice } from '../../parts/states';
import { countText, plural } from '../../text/format';
import { ComparePictures } from './ComparePictures';
import { gridOf, inOrder, type MediaGrid } from './grid';
import { labelOf, wholeLabel } from './labels';
import type { MediaAddress, GridSide } from './mediaAddress';
import type { ChangeMedia } from './useMediaAddress';
import { LABEL, MediaGridView, ROW_HEAD, TILE_GAP, type TileLook } from './MediaGridView';
import { MediaToolbar } from './MediaToolbar';
import { Scrubber } from './Scrubber';
import { itemsAt, shapeOf, stepsOf } from './steps';

interface MediaExplorerProps {
  result: MediaResult;
  address: MediaAddress;
  change: ChangeMedia;
}

const STEP = 'media.step';
/** Below smaller pictures is no room for a label. */
const LABELED = 80;
/** Milliseconds without a movement. */
const RESTS = 400;

/** The fields that rows and columns group by. Where all pictures share a step, nothing is grouped by it. */
function useFields(result: MediaResult, address: MediaAddress, oneStep: boolean): Record<GridSide, readonly string[]> {
  const { runs, paths } = result;
  const varying = useMemo(() => varyingParams({ runs, paths }), [runs, paths]);
  const { rows, columns, allBut } = address;
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

export function MediaExplorer({ result, address, change }: MediaExplorerProps): ReactNode {
  const { items, runs, paths } = result;
  const [chosen, setChosen] = useState<readonly string[]>([]);
  const [open, setOpen] = useState<string | null>(null);
  const [comparing, setComparing] = useState(false);
  const { size, fit, pixels, down } = address;
  const [at, move] = useStep(address.at, change);
  const fields = useFields(result, address, at !== null);
  const names = useMemo(() => runNames({ runs, paths }), [runs, paths]);
  const steps = useMemo(() => stepsOf(items), [items]);
  const shown = useMemo(() => (at === null ? items : itemsAt(items, at)), [items, at]);
  const [rows, columns] = useMemo(() => {
    const grouped = (side: GridSide): readonly Group<MediaItem>[] => {
      const groups = groupBy(shown, fields[side], () => 0, names);
      return down.includes(side) ? groups.reverse() : groups;
    };
    return [grouped('rows'), grouped('columns')];
  }, [shown, fields, names, down]);
  const look = useMemo<TileLook>(() => {
    const labels = labelOf(shown, [...fields.rows, ...fields.columns], names);
    return {
      fit,
      pixels,
      labelOf: labels,
      titleOf: (item) => wholeLabel(item, names),
      labeled: size >= LABELED && shown.some((item) => labels(item) !== ''),
    };
  }, [shown, fields, names, fit, pixels, size]);
  const shape = useMemo(() => shapeOf(items), [items]);
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
        [known, made] = [width, gridOf(shown, rows, columns, { tile, head, width })];
      return made;
    };
  }, [shown, rows, columns, tile, head]);
  const onChoose = useCallback(
    (item: MediaItem, on: boolean) =>
      setChosen((old) =>
        on ? [...old.filter((key) => key !== item.key), item.key] : old.filter((key) => key !== item.key),
      ),
    [],
  );
  const onOpen = useCallback((item: MediaItem) => setOpen(item.key), []);
  const marked = chosen.flatMap((key) => items.find((item) => item.key === key) ?? []);
  const [first, second] = marked;
  const inLine = open === null ? [] : inOrder(gridFor(Infinity));
  const place = inLine.findIndex(({ key }) => key === open);
  return (
    <div className="media-page">
      <MediaToolbar result={result} address={address} change={change} />
      {at !== null && <Scrubber steps={steps} step={at} onMove={move} />}
      {marked.length > 0 && (
        <div className="media-chosen" role="group" aria-label="Chosen pictures">
          <span className="count">{`${countText(marked.length)} chosen`}</span>
          <Button small look="primary" icon="diff" disabled={marked.length !== 2} onClick={() => setComparing(true)}>
            Compare
          </Button>
          <Button small onClick={() => setChosen([])}>
            Clear
          </Button>
          {marked.length !== 2 && <span className="count">Choose two pictures to compare them.</span>}
        </div>
      )}
      {shown.length === 0 ? (
        <Notice icon="filter" title="No images in these ranges">
          <p>{`${plural(result.matched, 'image')} match the query at steps ${countText(result.firstStep)} to ${countText(result.lastStep)}.`}</p>
          <Button look="outline" onClick={() => change({ lo: null, hi: null, low: null, high: null, at: null })}>
            Show all steps and indices
          </Button>
        </Notice>
      ) : (
        <MediaGridView
          gridFor={gridFor}
          columnsNamed={fields.columns.length > 0}
          look={look}
          chosen={chosen}
          onChoose={onChoose}
          onOpen={onOpen}
        />
      )}
      {place >= 0 && (
        <Lightbox
          pictures={inLine}
          at={place}
          titleOf={({ run, name }) => `${names(run)} · ${name}`}
          onMove={(next) => setOpen(inLine[next]?.key ?? null)}
          onClose={() => setOpen(null)}
        />
      )}
      {comparing && first && second && (
        <ComparePictures
          pair={[first, second]}
          titleOf={(item) => wholeLabel(item, names)}
          onClose={() => setComparing(false)}
        />
      )}
    </div>
  );
}
