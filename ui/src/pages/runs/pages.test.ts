import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { DataSource } from '../../data/source';
import { encode, encodeRuns, runRow } from '../../data/testing';
import type { Sight } from '../../explorer/rowSource';
import type { TableQuestion } from './ask';
import { PAGES, type RunPages } from './pages';

/** A server over runs that stand in the order of `ids`; each has the loss of its id's number and a param. */
class Server implements DataSource {
  ids: string[];
  readonly asked: URLSearchParams[] = [];
  broken = false;
  revision = 1;

  constructor(
    count: number,
    private readonly metrics = ['loss'],
  ) {
    this.ids = Array.from({ length: count }, (_, at) => String(at));
  }

  urlOf = (path: string): string => path;
  follow = () => () => undefined;

  request = (path: string): Promise<Response> => {
    const query = new URLSearchParams(path.slice(path.indexOf('?')));
    this.asked.push(query);
    if (this.broken) return Promise.reject(new Error('no'));
    const frames = path.startsWith('api/beside') ? this.beside(query) : this.page(query);
    return Promise.resolve(new Response(new Blob(frames as BlobPart[])));
  };

  private beside(query: URLSearchParams): Uint8Array[] {
    const runs = query.get('only')?.split(',') ?? this.ids;
    const value = Float64Array.from(runs, Number);
    return [encode({ kind: 'beside', runs }, { value, step: value })];
  }

  private page(query: URLSearchParams): Uint8Array[] {
    const near = this.ids.indexOf(query.get('near') ?? 'none');
    const start = near < 0 ? Number(query.get('offset')) : Math.max(0, near - Number(query.get('before')));
    const ids = this.ids.slice(start, start + Number(query.get('limit')));
    const names = JSON.parse(query.get('metrics') ?? '[]') as string[];
    const all = this.metrics.map((name) => ({ name, context: {}, runs: this.ids.length }));
    const params = [{ path: ['hparams', 'lr'], runs: this.ids.length, differing: false, values: 0 }];
    const described = {
      matched: this.ids.length,
      listed: this.ids.length,
      start,
      near,
      described: false,
      tagged: false,
      unnamed: false,
      mixed: false,
      damaged: 0,
    };
    const series = ids.flatMap((id, at) => names.map((_, name) => ({ at, name, value: Number(id) })));
    const real = (): Float64Array => Float64Array.from(series, ({ value }) => value);
    const whole = (of: (item: { at: number; name: number }) => number): Int32Array => Int32Array.from(series, of);
    const head = query.get('columns') ? { params, metrics: all } : { params: [], metrics: [] };
    return [
      encode({ kind: 'page', ...described, ...head }),
      encodeRuns(
        ids.map((id) => runRow(id)),
        {
          params: [{ path: 'hparams.lr', values: [0.1] }],
          series: 0,
          points: 0,
          notes: [],
          revision: `p-${this.revision}`,
          statement: '',
        },
        Int32Array.from(ids, () => 0),
      ),
      encode(
        { kind: 'table', progress: 1, names, contexts: [{}] },
        {
          run: whole(({ at }) => at),
          name: whole(({ name }) => name),
          context: whole(() => 0),
          count: whole(() => 1),
          first: real(),
          last: real(),
          min: real(),
          max: real(),
          mean: real(),
          last_step: real(),
        },
      ),
      encode({ kind: 'end', seconds: 0.1, checked: this.ids.length }),
    ];
  }
}

const WANTED: TableQuestion = { q: '', sort: [], find: '', reducers: '', group: null };
const ask = (server: Server, wanted = WANTED, before: RunPages | null = null): Promise<RunPages> =>
  PAGES.ask(server, wanted, new AbortController().signal, () => undefined, before);
const renew = (server: Server, old: RunPages): Promise<RunPages> =>
  PAGES.renew(server, old.wanted, new AbortController().signal, old, []);
const sight = (first: number, columns: string[] = ['metrics.last.loss']): Sight => ({
  first,
  top: first === 0 ? 0 : first + 6,
  end: first + 40,
  columns,
});
const settle = async (): Promise<void> => {
  for (let turn = 0; turn < 4; turn++) await vi.advanceTimersByTimeAsync(50);
};
const last = (server: Server, name: string): string | null => server.asked[server.asked.length - 1]?.get(name) ?? null;

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test('the first rows come with their metrics, and the columns of all runs', async () => {
  const server = new Server(300);
  const pages = await ask(server);
  expect([pages.count, pages.matched, pages.measured.map(({ id }) => id)]).toEqual([300, 300, ['loss']]);
  expect([pages.row(0)?.key, pages.row(63)?.key, pages.row(64)]).toEqual(['0', '63', null]);
  expect([pages.valueAt('7', 'loss', 'last'), pages.valueAt('7', 'acc', 'last')]).toEqual([7, undefined]);
  expect(pages.result.paths).toEqual(['hparams.lr']);
  expect(server.asked).toHaveLength(2);
});

test('rows are loaded where they come into sight, those between are not', async () => {
  const server = new Server(10_000);
  const pages = await ask(server);
  const heard = vi.fn();
  pages.subscribe(heard);
  pages.see(sight(0));
  await settle();
  expect(server.asked).toHaveLength(2);
  for (const first of [1000, 3000, 5000]) pages.see(sight(first));
  await settle();
  expect(server.asked).toHaveLength(3);
  expect([last(server, 'offset'), last(server, 'limit')]).toEqual(['5000', '64']);
  expect([pages.row(5000)?.key, pages.row(1000), pages.placeOf('5039')]).toEqual(['5000', null, 5039]);
  expect(heard).toHaveBeenCalled();
});

test('of very many metrics only those in sight are loaded, for the rows in sight', async () => {
  const server = new Server(
    200,
    Array.from({ length: 80 }, (_, at) => `m${at + 10}`),
  );
  const pages = await ask(server);
  expect(JSON.parse(last(server, 'metrics') ?? '')).toHaveLength(60);
  pages.see(sight(0, ['metrics.last.m80', 'metrics.min.m81', 'params.hparams.lr']));
  await settle();
  expect([last(server, 'metrics'), last(server, 'limit')]).toEqual(['["m80","m81"]', '64']);
  expect([pages.valueAt('3', 'm80', 'last'), pages.valueAt('3', 'm10', 'last')]).toEqual([3, 3]);
  const { length } = server.asked;
  pages.see(sight(0, ['metrics.last.m10', 'metrics.last.m80']));
  await settle();
  expect(server.asked).toHaveLength(length);
});

test('an order and a search name columns as the server knows them', async () => {
  const server = new Server(3);
  const sort = [
    { column: 'params.hparams.lr', descending: true },
    { column: 'metrics.min.loss', descending: false },
    { column: 'run.name', descending: false },
    { column: 'params.gone', descending: false },
  ];
  await ask(server, { q: 'a', sort, find: 'x', reducers: 'value=min&of=max~loss', group: null });
  expect(JSON.parse(last(server, 'order') ?? '')).toEqual([
    { param: ['hparams', 'lr'], descending: true },
    { metric: 'loss', context: {}, reducer: 'min', descending: false },
    { column: 'run.name or run.hash', descending: false },
  ]);
  expect(JSON.parse(last(server, 'numbers') ?? '')).toEqual({
    values: ['min'],
    own: [{ metric: 'loss', context: {}, values: ['max'] }],
    besides: [],
  });
});

test('another order of the same condition needs no columns again', async () => {
  const server = new Server(3);
  const pages = await ask(server);
  await ask(server, { ...WANTED, sort: [{ column: 'metrics.last.loss', descending: true }] }, pages);
  expect(server.asked).toHaveLength(3);
});

test('rows in sight stay where they are when others appear above them', async () => {
  const server = new Server(1000);
  const pages = await ask(server);
  pages.see(sight(500));
  await settle();
  server.ids.unshift('new', 'newer');
  const fresh = await renew(server, pages);
  expect([fresh.movedFrom(pages), fresh.count, fresh.row(508)?.key]).toEqual([2, 1002, '506']);
  expect([last(server, 'near'), last(server, 'before'), last(server, 'limit')]).toEqual(['506', '6', '48']);
  expect(fresh.movedFrom(await ask(server))).toBe(0);
});

test('at the beginning of the table, new runs come into sight', async () => {
  const server = new Server(100);
  const pages = await ask(server);
  pages.see(sight(0));
  server.ids.unshift('9000');
  const fresh = await renew(server, pages);
  expect([fresh.movedFrom(pages), fresh.row(0)?.key, fresh.count]).toEqual([0, '9000', 101]);
});

test('rows that were loaded before stay in sight until they are loaded again', async () => {
  const server = new Server(300);
  const pages = await ask(server);
  pages.see(sight(200));
  await settle();
  const fresh = await renew(server, pages);
  expect([fresh.row(3)?.key, fresh.valueAt('3', 'loss', 'last')]).toEqual(['3', 3]);
  fresh.see(sight(0));
  await settle();
  expect(last(server, 'offset')).toBe('0');
});

test('a problem stops loading until it is tried again', async () => {
  const server = new Server(300);
  const pages = await ask(server);
  server.broken = true;
  pages.see(sight(200));
  await settle();
  expect(pages.problem?.message).toBe('no');
  pages.see(sight(210));
  await settle();
  server.broken = false;
  pages.again();
  await settle();
  expect([pages.problem, pages.row(210)?.key]).toEqual([null, '210']);
});

test('the runs of rows that were never in sight', async () => {
  const server = new Server(300);
  const pages = await ask(server);
  expect(pages.runs(0, 3)).toMatchObject([{ id: '0' }, { id: '1' }, { id: '2' }]);
  const all = await pages.runs(0, 300);
  expect([all.length, all[299]?.id, last(server, 'params')]).toEqual([300, '299', 'false']);
  expect(all[0]).toBe(pages.row(0)?.members[0].run);
  const ids = new Set(all.map(({ id }) => id));
  expect(pages.chosen(ids)).toBe(300);
  ids.delete('1');
  expect(pages.chosen(ids)).toBe(299);
});

test('a file has all rows, and the columns where another metric is best', async () => {
  const server = new Server(2500, ['acc', 'loss']);
  const beside = '["acc","min","loss"]';
  const pages = await ask(server, { ...WANTED, reducers: new URLSearchParams({ beside }).toString() });
  const whole = await pages.whole(['metrics.last.loss', `beside.${beside}`], true);
  expect([whole.count, whole.row(2499)?.key, whole.valueAt('2499', 'loss', 'max')]).toEqual([2500, '2499', 2499]);
  expect(whole.besides.get(beside)?.get('2000')).toEqual({ value: 2000, step: 2000 });
  pages.see(sight(0, [`beside.${beside}`]));
  await settle();
  expect(pages.besides.get(beside)?.size).toBe(64);
});
