/** Typed requests to a data source. */
import { zoneText } from '../text/format';
import { charactersAt, unitsAt } from '../text/positions';
import type {
  AliasRequest,
  ArchiveRequest,
  ArtifactDetail,
  ArtifactDiff,
  ArtifactList,
  ArtifactPreview,
  BookmarkRequest,
  Bookmarks,
  CellFilter,
  CellSort,
  Changed,
  Check,
  Completion,
  Contexts,
  Dashboard,
  DashboardRequest,
  Dashboards,
  Deleted,
  DeleteRequest,
  DirectionRequest,
  Directions,
  EditRequest,
  ExperimentRequest,
  Experiments,
  Facts,
  ReadOnlyLink,
  RunArtifactList,
  LogMessages,
  MetricNames,
  NoteRequest,
  MediaFilesQuery,
  MediaValues,
  MediaValuesQuery,
  OutputPage,
  OutputPlaces,
  OutputQuery,
  Overview,
  ParamsRequest,
  Project,
  RunDetail,
  RecordedRows,
  RunMedia,
  Saved,
  Standings,
  TagRequest,
  Tags,
  TableImageQuery,
  TableSource,
  TextParts,
  ThumbnailQuery,
  TokenRows,
  ViewText,
  WaveformQuery,
  ProjectionQuery,
} from '../wire';
import { FrameDecoder } from './frames';
import { ResultBuilder, type Run } from './result';
import { useSource, type DataSource } from './source';

export function address(path: string, query: Record<string, string | number | undefined>): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) if (value !== undefined) search.set(name, String(value));
  // Dates of a query are days of the viewer.
  if ('q' in query) search.set('zone', zoneText());
  // A comma needs no escape, and lists of ids have hundreds.
  return `api/${path}?${search.toString().replaceAll('%2C', ',')}`;
}

/** What is not null. */
export const given = (query: object): Record<string, string | number | undefined> =>
  Object.fromEntries(
    Object.entries(query).map(([name, value]) => [name, (value as string | number | null) ?? undefined]),
  );

/** The maximum number of runs in a comparison. */
export const MOST_COMPARED = 20;

export type OutputFilter = Pick<OutputQuery, 'stream' | 'writer'>;

function part(path: string, query: object): string {
  const known = Object.entries(query).filter(([, value]) => value !== null && value !== undefined);
  return address(`run/${path}`, Object.fromEntries(known.map(([name, value]) => [name, String(value)])));
}

const JSON_BODY = { 'Content-Type': 'application/json' };

export type TableId = Pick<TableSource, 'run' | 'blob'>;

/** Recorded tables as one: their order, and what their cells must be. */
export interface TablesWanted {
  readonly of: readonly TableId[];
  readonly sort: readonly CellSort[];
  readonly where: readonly CellFilter[];
}

export interface RowsWanted extends TablesWanted {
  readonly offset: number;
  readonly limit: number;
  readonly most?: number;
}

const tableQuery = ({ of, sort, where, ...rest }: TablesWanted): Record<string, string | number> => ({
  of: JSON.stringify(of.map(({ run, blob }) => [run, blob])),
  sort: JSON.stringify(sort),
  where: JSON.stringify(where),
  ...rest,
});

export interface Requests {
  readonly json: <T>(path: string, init?: RequestInit) => Promise<T>;
  readonly post: <T>(path: string, body: unknown) => Promise<T>;
}

export function requestsOf(source: DataSource): Requests {
  const json = async <T>(path: string, init?: RequestInit): Promise<T> =>
    (await (await source.request(path, init)).json()) as T;
  const post = <T>(path: string, body: unknown): Promise<T> =>
    json(path, { method: 'POST', headers: JSON_BODY, body: JSON.stringify(body) });
  return { json, post };
}

export type Api = ReturnType<typeof makeApi>;

function makeApi(source: DataSource) {
  const { json, post } = requestsOf(source);
  const { request } = source;
  const ask = {
    project: (signal?: AbortSignal) => json<Project>('api/project', { signal }),
    /** Positions are indices in a JavaScript string, in the request and in the answer. */
    complete: async (q: string, at: number, signal?: AbortSignal, media?: boolean): Promise<Completion> => {
      const query = { q, at: charactersAt(q, at), media: media ? 'true' : undefined };
      const completion = await json<Completion>(address('complete', query), { signal });
      return { ...completion, start: unitsAt(q, completion.start), end: unitsAt(q, completion.end) };
    },
    /** `only`: ids of runs with commas between them. */
    metricNames: (find: string, limit: number, signal?: AbortSignal, only?: string) =>
      json<MetricNames>(address('metrics', { find, limit, only }), { signal }),
    directions: (signal?: AbortSignal) => json<Directions>('api/metrics/directions', { signal }),
    contexts: (signal?: AbortSignal) => json<Contexts>('api/contexts', { signal }),
    check: (q: string, signal?: AbortSignal, media?: boolean) =>
      json<Check>(address('check', { q, media: media ? 'true' : undefined }), { signal }),
    run: (run: string, signal?: AbortSignal) => json<RunDetail>(address('run', { run }), { signal }),
    output: (run: string, query: Omit<OutputQuery, 'run'>, signal?: AbortSignal) =>
      json<OutputPage>(part('output', { run, ...query }), { signal }),
    findOutput: (run: string, query: OutputFilter & { text: string; cursor?: string }, signal?: AbortSignal) =>
      json<OutputPlaces>(part('output/find', { run, ...query }), { signal }),
    messages: (run: string, signal?: AbortSignal) => json<LogMessages>(part('messages', { run }), { signal }),
    objects: (run: string, signal?: AbortSignal) => json<RunMedia>(part('media', { run }), { signal }),
    values: (query: MediaValuesQuery, signal?: AbortSignal) =>
      json<MediaValues>(part('media/values', query), { signal }),
    overview: (experiment?: string, signal?: AbortSignal) =>
      json<Overview>(address('overview', { experiment, zone: zoneText() }), { signal }),
    standings: (signal?: AbortSignal) => json<Standings>('api/standings', { signal }),
    /** The columns of a table of the runs that match. */
    facts: (q: string, signal?: AbortSignal) => json<Facts>(address('page/facts', { q, bounds: '[]' }), { signal }),
    experiments: (signal?: AbortSignal) => json<Experiments>('api/experiments', { signal }),
    tokens: (signal?: AbortSignal) => json<TokenRows>('api/tokens', { signal }),
    tags: (signal?: AbortSignal) => json<Tags>('api/tags', { signal }),
    bookmarks: (signal?: AbortSignal) => json<Bookmarks>('api/bookmarks', { signal }),
    artifacts: (signal?: AbortSignal) => json<ArtifactList>('api/artifacts', { signal }),
    artifact: (name: string, version: string, signal?: AbortSignal) =>
      json<ArtifactDetail>(address('artifact', { name, version }), { signal }),
    artifactDiff: (name: string, version: string, base: string, signal?: AbortSignal) =>
      json<ArtifactDiff>(address('artifact/diff', { name, version, base }), { signal }),
    artifactPreview: (name: string, id: string, path: string, signal?: AbortSignal) =>
      json<ArtifactPreview>(address('artifact/preview', { name, id, path }), { signal }),
    runArtifacts: (run: string, signal?: AbortSignal) => json<RunArtifactList>(part('artifacts', { run }), { signal }),
    /** The parameters of a view that its address leaves out. */
    view: async (id: string): Promise<string> => (await json<ViewText>(address('view', { id }))).text,
    dashboards: (signal?: AbortSignal) => json<Dashboards>('api/dashboards', { signal }),
    dashboard: (id: string, signal?: AbortSignal) => json<Dashboard>(address('dashboard', { id }), { signal }),
    /** A text, cut where the regular expression matches. */
    text: (run: string, blob: string, find: string, most: number, signal?: AbortSignal) =>
      json<TextParts>(part('text', { run, blob, find, most }), { signal }),
    /** Rows of recorded tables as one. */
    tableRows: (query: RowsWanted, signal?: AbortSignal) =>
      json<RecordedRows>(address('media/table', tableQuery(query)), { signal }),
    blob: (run: string, blob: string, signal?: AbortSignal) => request(part('blob', { run, blob }), { signal }),
    /** Without their params. */
    runs: async (q: string, signal?: AbortSignal): Promise<readonly Run[]> => {
      const response = await request(address('runs', { q, params: 'false' }), { signal });
      const builder = new ResultBuilder();
      const decoder = new FrameDecoder();
      for (const decoded of decoder.push(new Uint8Array(await response.arrayBuffer()))) builder.add(decoded);
      decoder.finish();
      return builder.snapshot().runs;
    },
  };
  const write = {
    archive: (body: ArchiveRequest) => post<Changed>('api/runs/archive', body),
    delete: (body: DeleteRequest) => post<Deleted>('api/runs/delete', body),
    edit: (body: EditRequest) => post<Changed>('api/runs/edit', body),
    params: (body: ParamsRequest) => post<Changed>('api/runs/params', body),
    note: (body: NoteRequest) => post<Saved>('api/runs/note', body),
    direction: (body: DirectionRequest) => post<Changed>('api/metrics/direction', body),
    /** Without a version, the alias is taken away. */
    alias: (body: AliasRequest) => post<Changed>('api/artifacts/alias', body),
    addExperiment: (name: string) => post<Changed>('api/experiments/add', { name }),
    experiment: (body: ExperimentRequest) => post<Changed>('api/experiments/edit', body),
    deleteExperiment: (name: string) => post<Deleted>('api/experiments/delete', { name }),
    tag: (body: TagRequest) => post<Changed>('api/tags/save', body),
    deleteTag: (name: string) => post<Changed>('api/tags/delete', { name }),
    bookmark: (body: BookmarkRequest) => post<Saved>('api/bookmarks/save', body),
    view: async (text: string): Promise<string> => (await post<Saved>('api/views/save', { text })).id,
    /** A read-only link to a view: the query string of an address. */
    link: (view: string, days: number) => post<ReadOnlyLink>('api/links/add', { view, days }),
    revoke: (ids: readonly string[]) => post<Changed>('api/tokens/revoke', { ids }),
    signOut: () => request('logout', { method: 'POST', headers: JSON_BODY, body: '{}' }),
    dashboard: (body: DashboardRequest) => post<Dashboard>('api/dashboards/save', body),
    /** null: the home page shows the wall. */
    homeDashboard: (id: string | null) => post<Changed>('api/dashboards/home', { id }),
    deleteDashboard: (id: string) => post<Changed>('api/dashboards/delete', { id }),
    deleteBookmark: (id: string) => post<Changed>('api/bookmarks/delete', { id }),
  };
  /** The address of a stored object, for an image, audio, or a download. */
  const blobAddress = (run: string, blob: string): string => source.urlOf(part('blob', { run, blob }));
  /** The address of a stored page of HTML, for a frame. */
  const pageAddress = (run: string, blob: string, scripts: boolean): string =>
    source.urlOf(address('run/page', { run, blob, ...(scripts ? { scripts: 'true' } : {}) }));
  /** The address of a copy of an image that fits a square. */
  const thumbnailAddress = (run: string, blob: string, size: ThumbnailQuery['size']): string =>
    source.urlOf(part('thumbnail', { run, blob, size }));
  /** The address of the image in a cell of a recorded table. */
  const cellAddress = (cell: TableImageQuery): string => source.urlOf(part('cell', cell));
  /** The address of all rows of recorded tables as CSV. */
  const csvAddress = (wanted: TablesWanted): string => source.urlOf(address('media/csv', tableQuery(wanted)));
  /** The address of a zip with the files of media. */
  const filesAddress = (query: Omit<MediaFilesQuery, 'zone' | 'order'>): string =>
    source.urlOf(address('media/zip', given(query)));
  /** Pairs of the lowest and the highest sample of each of at most `bins` stretches of a sound. */
  const projection = async (run: string, blob: string, method: ProjectionQuery['method'], signal?: AbortSignal) =>
    (await request(part('projection', { run, blob, method: method ?? 'pca' }), { signal })).arrayBuffer();
  const waveform = async (run: string, blob: string, bins: WaveformQuery['bins'], signal?: AbortSignal) =>
    new Int8Array(await (await request(part('waveform', { run, blob, bins }), { signal })).arrayBuffer());
  /** The address of a file of an artifact. `id`: of the version. */
  const fileAddress = (name: string, id: string, path: string): string =>
    source.urlOf(address('artifact/file', { name, id, path }));
  const addresses = { filesAddress, blobAddress, pageAddress, thumbnailAddress, fileAddress, cellAddress, csvAddress };
  return { source, ask, write, waveform, projection, ...addresses };
}

const made = new WeakMap<DataSource, Api>();

export function apiOf(source: DataSource): Api {
  const known = made.get(source) ?? makeApi(source);
  made.set(source, known);
  return known;
}

export const useApi = (): Api => apiOf(useSource());
