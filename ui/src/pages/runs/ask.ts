/** Requests of the table of runs, and their answers: sorted runs, or groups of them. */
import { address } from '../../data/api';
import type { Decoded } from '../../data/frames';
import { floats, integers } from '../../data/frames';
import { itemOfRun, ResultBuilder, type Item } from '../../data/result';
import { receive, type Builder } from '../../data/search';
import type { DataSource } from '../../data/source';
import type { SortKey } from '../../explorer/view/view';
import { itemAt } from '../../text/lists';
import type { GroupColumn, PageFrame } from '../../wire';
import { groupingOf, keyOf, numbersOf, orderOf, type ColumnSet, type GroupBy } from './keys';
import { outlineOf, type Outline } from './outline';
import { readReducers } from './reducers';
import { TableBuilder, type ListedRuns } from './runTable';

/** The question to the server; `reducers` as in the address. */
export interface TableQuestion {
  readonly q: string;
  readonly sort: readonly SortKey[];
  readonly find: string;
  readonly reducers: string;
  readonly group: GroupBy | null;
}

export interface Part {
  readonly head: PageFrame;
  readonly table: ListedRuns;
  readonly outline: Outline | null;
}

class PartBuilder implements Builder<Part> {
  private head: PageFrame | null = null;
  private outline: Outline | null = null;
  private readonly runs = new TableBuilder();

  constructor(private readonly group: GroupBy | null) {}

  get progress(): number {
    return this.runs.progress;
  }

  get done(): boolean {
    return this.runs.done;
  }

  add(decoded: Decoded): void {
    if (decoded.frame.kind === 'page') this.head = decoded.frame;
    else if (decoded.frame.kind === 'groups') this.outline = this.group && outlineOf(decoded, this.group);
    else this.runs.add(decoded);
  }

  snapshot(): Part {
    if (!this.head) throw new Error('The answer of the server has no page. Reload this page.');
    return { head: this.head, table: this.runs.snapshot(), outline: this.outline };
  }
}

export interface PageRequest {
  readonly offset: number;
  readonly limit: number;
  readonly near?: string;
  readonly before?: number;
  readonly metrics?: readonly string[];
  readonly columns?: boolean;
  readonly groups?: boolean;
  readonly params?: boolean;
}

export const NO_COLUMNS: ColumnSet = {
  paths: new Map(),
  measured: [],
  series: 0,
  traits: { differing: new Set(), described: false, tagged: false, unnamed: false, mixed: false },
  damaged: 0,
};

function listing({ q, sort, find, reducers, group }: TableQuestion, columns: ColumnSet): Record<string, string> {
  return {
    q,
    order: JSON.stringify(orderOf(sort, columns)),
    ...(find.trim() && {
      find,
      numbers: JSON.stringify(numbersOf(readReducers(new URLSearchParams(reducers)), columns)),
    }),
    ...(group && { group: JSON.stringify(groupingOf(group, columns)) }),
  };
}

const texts = (query: object): Record<string, string> =>
  Object.fromEntries(
    Object.entries(query).flatMap(([name, value]) => (value === undefined ? [] : [[name, String(value)]])),
  );

export async function askPart(
  source: DataSource,
  wanted: TableQuestion,
  columns: ColumnSet,
  { metrics = [], ...asked }: PageRequest,
  signal: AbortSignal,
): Promise<Part> {
  const query = { ...listing(wanted, columns), metrics: JSON.stringify(metrics), ...texts(asked) };
  const builder = new PartBuilder(wanted.group);
  await receive(source, address('page', query), signal, builder);
  return builder.snapshot();
}

/** The cell of a group in a column. */
export interface GroupCell {
  readonly number: boolean;
  readonly value: number;
  readonly low: number;
  readonly high: number;
  readonly there: number;
  readonly diverged: number;
  readonly distinct: number;
  readonly some: readonly unknown[];
}

/** The first run of a group, and its cells by column id. */
export interface GroupPart {
  readonly item: Item;
  readonly cells: ReadonlyMap<string, GroupCell>;
}

class GroupsBuilder implements Builder<readonly GroupPart[]> {
  private readonly runs = new ResultBuilder();
  private cells: Decoded | null = null;

  constructor(private readonly ids: readonly string[]) {}

  get progress(): number {
    return this.runs.progress;
  }

  get done(): boolean {
    return this.runs.done;
  }

  add(decoded: Decoded): void {
    if (decoded.frame.kind === 'cells') this.cells = decoded;
    else this.runs.add(decoded);
  }

  snapshot(): readonly GroupPart[] {
    const { cells } = this;
    if (cells?.frame.kind !== 'cells') throw new Error('The answer of the server has no groups. Reload this page.');
    const [value, low, high] = [floats(cells, 'value'), floats(cells, 'low'), floats(cells, 'high')];
    const [there, diverged] = [integers(cells, 'there'), integers(cells, 'diverged')];
    const { columns } = cells.frame;
    const { runs } = this.runs.snapshot();
    const cellOf = ({ number, distinct, some }: GroupColumn, column: number, at: number): GroupCell => {
      const place = column * runs.length + at;
      return {
        number,
        value: itemAt(value, place),
        low: itemAt(low, place),
        high: itemAt(high, place),
        there: itemAt(there, place),
        diverged: itemAt(diverged, place),
        distinct: distinct[at] ?? 0,
        some: some[at] ?? [],
      };
    };
    return runs.map((run, at) => ({
      item: itemOfRun(run),
      cells: new Map(this.ids.map((id, column) => [id, cellOf(itemAt(columns, column), column, at)])),
    }));
  }
}

/** Some groups in order; columns unknown to the server have no cells. */
export async function askGroups(
  source: DataSource,
  wanted: TableQuestion,
  columns: ColumnSet,
  { offset, limit, ids }: { offset: number; limit: number; ids: readonly string[] },
  signal: AbortSignal,
): Promise<readonly GroupPart[]> {
  const known = ids.flatMap((id) => {
    const key = keyOf(id, columns);
    return key ? [{ id, key }] : [];
  });
  const asked = { offset, limit, columns: JSON.stringify(known.map(({ key }) => key)) };
  const builder = new GroupsBuilder(known.map(({ id }) => id));
  await receive(source, address('page/groups', { ...listing(wanted, columns), ...texts(asked) }), signal, builder);
  return builder.snapshot();
}
