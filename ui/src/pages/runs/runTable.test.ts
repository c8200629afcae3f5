import { itemAt } from '../../text/lists';
import { describe, expect, test } from 'vitest';
import { FrameDecoder } from '../../data/frames';
import { itemOfRun, NOTHING, paramOf, type Run } from '../../data/result';
import { encode, encodeRuns, runRow } from '../../data/testing';
import { differingFirst, traitsOf, type RunTraits } from '../../explorer/columns';
import { foldBy, runColumns, type WantedColumns } from './columns';
import { readReducers, STANDARD, withValueToggled, writeReducers, type Reducers } from './reducers';
import { measuredAs, type Recorded } from './measured';
import { mergeTables, numberAt, recordedIn, TableBuilder, valueAt, type ListedRuns } from './runTable';
import { statementOf } from './statement';
import { guessed } from '../../text/direction';

function run(id: string, created: number): Run {
  return {
    id,
    hash: id,
    name: null,
    experiment: 'e',
    description: null,
    tags: [],
    archived: false,
    status: 'finished',
    error: null,
    created_at: created,
    finished_at: null,
    duration: 0,
    seen_at: 0,
    started_by: null,
    edited_by: null,
    diverged: false,
    position: 0,
    dropped: 0,
    damaged: 0,
    block: { paths: new Map(), index: new Int32Array(), width: 0 },
    row: 0,
  };
}

/** Each run with the last values of its metrics. */
function table(rows: readonly (readonly [string, number, Record<string, number>])[]): ListedRuns {
  const names = [...new Set(rows.flatMap(([, , metrics]) => Object.keys(metrics)))].sort();
  const measured = names.map((name) => ({ id: name, name, context: {}, contextText: '' }));
  const flat = rows.flatMap(([, , metrics]) => Object.entries(metrics));
  const numbers = Float64Array.from(flat, ([, value]) => value);
  const codes = Int32Array.from(flat, ([name]) => names.indexOf(name));
  const values = { last: numbers, min: numbers.map((n) => n - 1), max: numbers, mean: numbers, first: numbers };
  let from = 0;
  const places = new Map(
    rows.map(([id, , metrics]) => {
      const to = from + Object.keys(metrics).length;
      const place = { numbers: { codes, measured, values }, from, to };
      from = to;
      return [id, place];
    }),
  );
  const runs = rows.map(([id, created]) => run(id, created));
  return { result: { ...NOTHING, runs, items: runs.map(itemOfRun) }, measured, places };
}

const OLD = table([
  ['b', 2, { loss: 5, acc: 1 }],
  ['a', 1, { loss: 7 }],
]);

describe('numbers of metrics', () => {
  test('a run without the metric has none', () => {
    expect([numberAt(OLD, 'b', 'acc', 'last'), numberAt(OLD, 'a', 'acc', 'last')]).toEqual([1, NaN]);
    expect(numberAt(OLD, 'a', 'loss', 'min')).toBe(6);
    expect(numberAt(OLD, 'nobody', 'loss', 'last')).toBeNaN();
  });
  test('a metric that ended in NaN is there', () => {
    const ended = table([
      ['a', 1, { loss: NaN }],
      ['b', 2, { acc: 1 }],
    ]);
    expect(['a', 'b', 'nobody'].map((run) => valueAt(ended, run, 'loss', 'last'))).toEqual([NaN, undefined, undefined]);
  });
  test('changed runs are replaced, new ones come in their place, those that no longer match leave', () => {
    const merged = mergeTables(
      OLD,
      table([
        ['c', 3, { f1: 9 }],
        ['a', 1, { loss: 8 }],
      ]),
      ['a', 'b', 'c'],
    );
    expect(merged.result.runs.map(({ id }) => id)).toEqual(['c', 'a']);
    expect(merged.measured.map(({ id }) => id)).toEqual(['acc', 'f1', 'loss']);
    expect([numberAt(merged, 'a', 'loss', 'last'), numberAt(merged, 'c', 'f1', 'last')]).toEqual([8, 9]);
  });
});

describe('an answer in parts', () => {
  const numbers = (...values: number[]): Record<string, Float64Array> =>
    Object.fromEntries(
      ['first', 'last', 'min', 'max', 'mean', 'last_step'].map((name) => [name, Float64Array.from(values)]),
    );
  const part = (id: string, at: number, metric: string, value: number, progress: number): Uint8Array[] => [
    encodeRuns(
      [runRow(id)],
      {
        params: [{ path: `p${id}`, values: [at] }],
        series: 2,
        points: 2,
        notes: [],
        revision: 'r-1',
        statement: 'q',
      },
      Int32Array.of(0),
    ),
    encode(
      { kind: 'table', progress, names: [metric], contexts: [{ subset: 'val' }] },
      {
        run: Int32Array.of(at),
        name: Int32Array.of(0),
        context: Int32Array.of(0),
        count: Int32Array.of(1),
        ...numbers(value),
      },
    ),
  ];
  const decoder = new FrameDecoder();
  const builder = new TableBuilder();
  const receive = (bytes: Uint8Array): void => decoder.push(bytes).forEach((decoded) => builder.add(decoded));

  test('is a table at any time, and whole in the end', () => {
    part('a', 0, 'loss', 3, 0.5).forEach(receive);
    const half = builder.snapshot();
    expect([half.result.runs.map(({ id }) => id), builder.progress, builder.done]).toEqual([['a'], 0.5, false]);
    part('b', 1, 'acc', 0.9, 1).forEach(receive);
    receive(encode({ kind: 'end', seconds: 2, checked: 2 }));
    const whole = builder.snapshot();
    expect(builder.done).toBe(true);
    expect(whole.result.items[0]).toBe(half.result.items[0]);
    expect(half.result.runs).toHaveLength(1);
    expect([whole.result.paths, whole.measured.map(({ id }) => id)]).toEqual([
      ['pa', 'pb'],
      ['acc subset=val', 'loss subset=val'],
    ]);
    const at = (run: string, id: string): number | undefined => valueAt(whole, run, id, 'last');
    expect([at('a', 'loss subset=val'), at('b', 'acc subset=val'), at('b', 'loss subset=val')]).toEqual([
      3,
      0.9,
      undefined,
    ]);
    const [a, b] = [itemAt(whole.result.runs, 0), itemAt(whole.result.runs, 1)];
    expect([paramOf(a, 'pa'), paramOf(b, 'pb'), paramOf(b, 'pa')]).toEqual([0, 1, undefined]);
  });
});

const PLAIN: Reducers = { values: ['last'], own: new Map(), besides: [] };
const WANTED: WantedColumns = { reducers: PLAIN, besides: new Map(), fold: 'mean', directionOf: guessed };
const labels = (reducers: Reducers): string[] =>
  runColumns(recordedIn(OLD), { ...WANTED, reducers })
    .filter(({ id }) => /^(metrics|beside)\./.test(id))
    .map(({ label }) => label);

const NO_TRAITS: RunTraits = { differing: new Set(), mixed: false, described: false, tagged: false, unnamed: false };
const MEASURED = ['acc', 'epoch', 'grad', 'lr', 'norm', 'step time', 'system/cpu', 'val loss'];

test.each([
  ['nothing', NO_TRAITS, ['acc'], 'acc run.status created duration experiment params.lr params.seed'],
  [
    'everything',
    { differing: new Set(['seed']), mixed: true, described: true, tagged: true, unnamed: true },
    ['acc', 'system/cpu'],
    'params.seed acc run.status experiment created duration run.tags description system/cpu params.lr hash',
  ],
  [
    'many metrics',
    NO_TRAITS,
    MEASURED,
    `acc val loss run.status created duration experiment epoch grad lr norm step time system/cpu params.lr params.seed`,
  ],
])('what differs comes first, then metrics, of runs with %s', (_, traits, names, expected) => {
  const measured = names.map((name) => measuredAs(name, {}));
  const recorded = { ...recordedIn(OLD), result: { items: [], paths: ['lr', 'seed'] }, measured, traits };
  const ids = runColumns(recorded, WANTED).map(({ id }) => id.replace('metrics.last.', ''));
  expect(ids.join(' ')).toBe(expected);
});

test('the best value is the lowest or the highest one, by the direction of the metric', () => {
  const bests = { ...WANTED, reducers: { ...PLAIN, values: ['best'] as const } };
  const recorded: Recorded = { ...recordedIn(OLD), valueAt: (_run, _id, value) => (value === 'max' ? 2 : 1) };
  const told = runColumns(recorded, bests).flatMap(({ id, label, title, text }) =>
    id.startsWith('metrics.') ? [[label, text(itemAt(OLD.result.items, 0)), title?.(itemAt(OLD.result.items, 0))]] : [],
  );
  expect(told).toEqual([
    ['acc best', '2', 'acc best (highest): 2'],
    ['loss best', '1', 'loss best (lowest): 1'],
  ]);
});

test('traits of runs that are at hand', () => {
  const named = { ...run('a', 1), name: 'a' };
  expect(traitsOf({ runs: [named], paths: [] })).toEqual(NO_TRAITS);
  const id = 'b'.repeat(32);
  const other = { ...run(id, 2), hash: id, experiment: 'other', description: 'why', tags: ['good'] };
  expect(traitsOf({ runs: [named, other], paths: [] })).toEqual({
    differing: new Set(),
    mixed: true,
    described: true,
    tagged: true,
    unnamed: true,
  });
});

describe('columns of metrics', () => {
  test('one for each chosen value', () => {
    expect(labels({ ...PLAIN, values: ['last', 'min'] })).toEqual(['acc last', 'acc min', 'loss last', 'loss min']);
    const [acc] = runColumns(recordedIn(OLD), WANTED).filter(({ id }) => id.startsWith('metrics.'));
    expect(acc?.text(itemAt(OLD.result.items, 1))).toBe('');
  });
  test('a metric may have values of its own, and stand where another one is best', () => {
    const beside = { metric: 'acc', side: 'min', by: 'loss' } as const;
    const own = withValueToggled(withValueToggled(PLAIN, 'loss', 'min'), 'loss', 'last').own;
    expect(labels({ ...PLAIN, own, besides: [beside] })).toEqual(['acc last', 'acc at min loss', 'loss min']);
    const besides = new Map([[JSON.stringify(['acc', 'min', 'loss']), new Map([['b', { value: 0.5, step: 3 }]])]]);
    const columns = runColumns(recordedIn(OLD), { ...WANTED, reducers: { ...PLAIN, besides: [beside] }, besides });
    const column = columns.find(({ label }) => label === 'acc at min loss');
    const [b, a] = [itemAt(OLD.result.items, 0), itemAt(OLD.result.items, 1)];
    expect([column?.value(b), column?.value(a)]).toEqual([0.5, undefined]);
    expect(column?.title?.(b)).toBe('acc at min loss: 0.5, at step 3');
    expect(column?.title?.(a)).toBe('acc at min loss: not recorded together');
  });
  test('the last value of a metric stays', () => expect(withValueToggled(PLAIN, 'loss', 'last')).toBe(PLAIN));
  test('they go through the address', () => {
    const reducers: Reducers = {
      values: ['min', 'mean'],
      own: new Map([['a~b subset=val', ['max']]]),
      besides: [{ metric: 'x "y"', side: 'max', by: 'z~' }],
    };
    const search = new URLSearchParams();
    for (const [name, texts] of Object.entries(writeReducers(reducers)))
      for (const text of texts ?? []) search.append(name, text);
    expect(readReducers(search)).toEqual(reducers);
  });
  test.each([
    'of=~x',
    'of=nonsense~x',
    'of=min',
    'of=min~',
    'beside=',
    'beside=[1]',
    'beside=["a","mean","b"]',
    'beside={',
  ])('%s is left out', (text) =>
    expect(readReducers(new URLSearchParams(text))).toEqual({ ...PLAIN, values: STANDARD }),
  );
});

test.each([
  ['mean', 2.5],
  ['median', 2],
  ['min', 1],
  ['max', 5],
  ['iqm', 2],
] as const)('%s of a group', (method, expected) => expect(foldBy(method)([5, 1, NaN, 2, 2, Infinity])).toBe(expected));
test('a fold of nothing finite is NaN', () => expect(foldBy('min')([NaN])).toBeNaN());

test.each([
  [[], ['last', 'best']],
  [
    ['min', 'mean', 'nonsense'],
    ['min', 'mean'],
  ],
  [[''], []],
])('of the address %j', (texts, expected) =>
  expect(readReducers(new URLSearchParams(texts.map((text) => ['value', text]))).values).toEqual(expected),
);

test.each([
  [[['a', false]], ['loss'], 'loss if run.hash == "a"'],
  [
    [
      ['a', false],
      ['b', true],
    ],
    ['loss', 'val loss'],
    'loss, "val loss" if run.hash in ("a", "b") and (run.archived or not run.archived)',
  ],
  [[['a', true]], [], '* if run.hash == "a" and run.archived'],
  [[['a', false]], ['acc', 'loss'], 'tf:"acc", loss if run.hash == "a"'],
] as const)('the metrics of %j', (runs, metrics, expected) => {
  expect(
    statementOf(
      runs.map(([hash, archived]) => ({ hash, archived })),
      metrics,
      (name) => (name === 'acc' ? ['tf'] : ['']),
    ),
  ).toBe(expected);
});

test.each([
  [null, null, []],
  ['ann', null, ['run.started_by']],
  ['ann', 'bob', ['run.started_by', 'run.edited_by']],
  [null, 'bob', ['run.edited_by']],
])('users have columns where they are known: %s, %s', (started_by, edited_by, ids) => {
  const items = [run('a', 1), { ...run('b', 2), started_by, edited_by }].map(itemOfRun);
  const columns = differingFirst({ ...NOTHING, items }, NO_TRAITS, []);
  expect(columns.map(({ id }) => id).filter((id) => id.endsWith('_by'))).toEqual(ids);
});
