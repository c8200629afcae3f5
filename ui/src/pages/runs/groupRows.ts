/** Groups of runs as rows. The server sends the cells of visible groups, and the runs of open ones. */
import type { Item, Run } from '../../data/result';
import { textOf } from '../../data/result';
import { foldTitle, listTitle } from '../../explorer/cells';
import type { Column } from '../../explorer/columns';
import { withDiverged } from '../../explorer/diverged';
import type { Cell, Row, Summary } from '../../explorer/rows';
import type { RowSource, Sight } from '../../explorer/rowSource';
import { dateText, plural } from '../../text/format';
import type { GroupCell } from './ask';
import { Layout, type Outline, type RunGroup } from './outline';
import type { RunPages } from './pages';

export class GroupRows implements RowSource<Item> {
  readonly count: number;
  readonly grouped = true;
  readonly total: number;
  private readonly layout: Layout;
  private readonly counts = new WeakMap<ReadonlySet<string>, ReadonlyMap<number, number>>();
  private readonly made = new Map<number, { version: number; row: Row<Item> }>();

  constructor(
    private readonly pages: RunPages,
    private readonly outline: Outline,
    open: readonly string[],
  ) {
    this.layout = new Layout(outline.groups, open);
    this.count = this.layout.count;
    this.total = pages.count;
  }

  row(at: number): Row<Item> | null {
    const known = this.made.get(at);
    if (known?.version === this.pages.version) return known.row;
    const row = this.make(at);
    if (row) this.made.set(at, { version: this.pages.version, row });
    return row;
  }

  placeOf(key: string): number {
    for (const [at, { row }] of this.made) if (row.key === key) return at;
    return -1;
  }

  chosen(selected: ReadonlySet<string>): number {
    return Math.min(selected.size, this.total);
  }

  async runs(first: number, end: number): Promise<readonly Run[]> {
    if (first === 0 && end === this.count) return this.pages.runs(0, this.total);
    const runs: Run[] = [];
    let next = 0;
    for (let at = first; at < end; at++) {
      const spot = this.layout.spot(at);
      if (!spot) break;
      const { start, size } = spot.group;
      const [from, to] = spot.run === null ? [start, start + size] : [spot.run, spot.run + 1];
      if (to > next) runs.push(...(await this.pages.runs(Math.max(from, next), to)));
      next = Math.max(next, to);
    }
    return runs;
  }

  see(sight: Sight): void {
    const [runs, groups]: [number[], number[]] = [[], []];
    for (let at = sight.first; at < sight.end; at++) {
      const spot = this.layout.spot(at);
      if (spot?.run === null) groups.push(spot.at);
      else if (spot) runs.push(spot.run);
    }
    this.pages.want(sight, { runs, groups, columns: sight.columns });
  }

  private make(at: number): Row<Item> | null {
    const spot = this.layout.spot(at);
    if (!spot) return null;
    if (spot.run !== null) {
      const row = this.pages.row(spot.run);
      return row && { ...row, inside: true, group: spot.group.key };
    }
    const part = this.pages.group(spot.at);
    if (!part) return null;
    const { group } = spot;
    const bundle = { key: group.key, values: this.named(group, part.item.run), tail: this.outline.tail };
    const summary = this.summary(spot.at, group, part.item);
    const open = this.layout.isOpen(spot.at);
    return { key: group.key, group: group.key, members: [part.item], bundle, inside: false, open, summary };
  }

  /** Groups by run show the name of the run. */
  private named({ values }: RunGroup, run: Run): RunGroup['values'] {
    return values.map((value) => (value.name === 'Run' ? { ...value, text: this.pages.names(run) } : value));
  }

  private summary(at: number, group: RunGroup, item: Item): Summary<Item> {
    return {
      size: group.size,
      cell: (column) => cellIn(column, this.pages.cell(at, column.id), group.size, item),
      within: (selected) => (this.countsIn(selected).get(at) ?? 0) === group.size,
    };
  }

  /** The number of selected runs per group. */
  private countsIn(selected: ReadonlySet<string>): ReadonlyMap<number, number> {
    let counts = this.counts.get(selected) as Map<number, number> | undefined;
    if (!counts) {
      counts = new Map();
      for (const id of selected) {
        const at = this.groupAt(this.pages.seenAt(id));
        if (at >= 0) counts.set(at, (counts.get(at) ?? 0) + 1);
      }
      this.counts.set(selected, counts);
    }
    return counts;
  }

  /** The group of the run at a position. */
  private groupAt(place: number): number {
    let [low, high] = [0, this.outline.groups.length - 1];
    if (place < 0) return -1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.outline.groups[middle]?.start ?? 0) <= place) low = middle;
      else high = middle - 1;
    }
    return low;
  }
}

const WAITING: Cell = { value: undefined, text: '', title: '', shared: false };

function cellIn(column: Column<Item>, cell: GroupCell | null, size: number, item: Item): Cell {
  if (!cell) return WAITING;
  if (cell.number) return numberIn(column, cell, size);
  if (cell.distinct < 2) {
    const text = column.text(item);
    return { value: column.value(item), text, title: column.title?.(item) ?? text, shared: true };
  }
  const texts = cell.some.map((value) => groupWords(column, value));
  return { value: undefined, text: `${cell.distinct} values`, title: listTitle(texts, cell.distinct), shared: false };
}

function numberIn(column: Column<Item>, { value, low, high, there, diverged }: GroupCell, size: number): Cell {
  if (there === 0) return { ...WAITING, title: 'not recorded' };
  const ends = Number.isNaN(low) ? null : ([low, high] as const);
  const title = foldTitle(column, value, plural(size, 'run'), ends);
  const text = column.format?.(value) ?? String(value);
  return { value, text: size > 1 ? withDiverged(text, there, diverged) : text, title, shared: false };
}

function groupWords({ id }: Column<Item>, value: unknown): string {
  if (value === null) return '';
  if (id === 'created') return dateText(Number(value));
  return Array.isArray(value) && id === 'run.tags' ? value.join(', ') : textOf(value);
}
