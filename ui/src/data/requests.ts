/** Requests of the pages about runs, experiments, tags and bookmarks. */
import { address, api, json, post, request } from './api';
import { FrameDecoder } from './frames';
import { ResultBuilder, type Run } from './result';
import type {
  BookmarkRequest,
  Bookmarks,
  Changed,
  Deleted,
  EditRequest,
  ExperimentRequest,
  Experiments,
  LogMessages,
  NoteRequest,
  ObjectValues,
  ObjectValuesQuery,
  OutputPage,
  OutputPlaces,
  OutputQuery,
  Overview,
  ParamsRequest,
  RunDetail,
  RunObjects,
  Saved,
  TagRequest,
  Tags,
} from '../wire';

/** The maximum of runs that are compared side by side. */
export const MOST_COMPARED = 20;

export type OutputFilter = Pick<OutputQuery, 'stream' | 'writer'>;

function part(path: string, query: object): string {
  const known = Object.entries(query).filter(([, value]) => value !== null && value !== undefined);
  return address(`run/${path}`, Object.fromEntries(known.map(([name, value]) => [name, String(value)])));
}

export const ask = {
  run: (run: string, signal?: AbortSignal) => json<RunDetail>(address('run', { run }), { signal }),
  output: (run: string, query: Omit<OutputQuery, 'run'>, signal?: AbortSignal) =>
    json<OutputPage>(part('output', { run, ...query }), { signal }),
  findOutput: (run: string, query: OutputFilter & { text: string; cursor?: string }, signal?: AbortSignal) =>
    json<OutputPlaces>(part('output/find', { run, ...query }), { signal }),
  messages: (run: string, signal?: AbortSignal) => json<LogMessages>(part('messages', { run }), { signal }),
  objects: (run: string, signal?: AbortSignal) => json<RunObjects>(part('objects', { run }), { signal }),
  values: (query: ObjectValuesQuery, signal?: AbortSignal) =>
    json<ObjectValues>(part('object/values', query), { signal }),
  overview: (experiment?: string, signal?: AbortSignal) =>
    json<Overview>(address('overview', { experiment }), { signal }),
  experiments: (signal?: AbortSignal) => json<Experiments>('api/experiments', { signal }),
  tags: (signal?: AbortSignal) => json<Tags>('api/tags', { signal }),
  bookmarks: (signal?: AbortSignal) => json<Bookmarks>('api/bookmarks', { signal }),
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

export const write = {
  archive: api.archive,
  delete: api.delete,
  edit: (body: EditRequest) => post<Changed>('api/runs/edit', body),
  params: (body: ParamsRequest) => post<Changed>('api/runs/params', body),
  note: (body: NoteRequest) => post<Saved>('api/runs/note', body),
  addExperiment: (name: string) => post<Changed>('api/experiments/add', { name }),
  experiment: (body: ExperimentRequest) => post<Changed>('api/experiments/edit', body),
  deleteExperiment: (name: string) => post<Deleted>('api/experiments/delete', { name }),
  tag: (body: TagRequest) => post<Changed>('api/tags/save', body),
  deleteTag: (name: string) => post<Changed>('api/tags/delete', { name }),
  bookmark: (body: BookmarkRequest) => post<Saved>('api/bookmarks/save', body),
  deleteBookmark: (id: string) => post<Changed>('api/bookmarks/delete', { id }),
};

/** The bytes of a stored object, as an address for an image, a sound, or a download. */
export const blobAddress = (run: string, blob: string): string => part('blob', { run, blob });
