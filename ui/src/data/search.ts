/** Streams the series of one query, and publishes partial results at a limited rate. */
import type { XAxis } from './axis';
import { address } from './api';
import { ApiError } from './error';
import type { DataSource } from './source';
import { FrameDecoder, FrameError, type Decoded } from './frames';
import { mergeRuns, ResultBuilder, type Result } from './result';
import type { Question } from './searcher';

export interface Search {
  q: string;
  x: XAxis;
  columns: number;
  lo?: number;
  hi?: number;
  /** Smooth on the server: the factor of an exponential average, or the points of a moving one. */
  smooth?: number;
  average?: number;
  only?: readonly string[];
  /** Without it the runs come with their params. */
  params?: false;
}

/** About two points per pixel of the widest chart; zooming requests more. */
export const COLUMNS = 800;

/** Drawing costs grow with the data: the first points are shown at once, later ones after increasing pauses. */
const FIRST_PAUSE = 250;
const LONGER = 1.6;

export async function search(
  source: DataSource,
  wanted: Search,
  signal: AbortSignal,
  publish?: (soFar: Result, progress: number) => void,
): Promise<Result> {
  const { only, params, ...query } = wanted;
  const builder = new ResultBuilder();
  await receive(
    source,
    address('series', { ...query, only: only?.join(','), params: params?.toString() }),
    signal,
    builder,
    publish,
  );
  return builder.snapshot();
}

/** The series of a statement, along an axis. */
export const SERIES: Question<Pick<Search, 'q' | 'x'>, Result> = {
  ask: (source, wanted, signal, publish) => search(source, { ...wanted, columns: COLUMNS }, signal, publish),
  renew: async (source, wanted, signal, old, only) =>
    mergeRuns(old, await search(source, { ...wanted, columns: COLUMNS, only }, signal), only),
  revision: ({ revision }) => revision,
  found: ({ items: series }) => series.length > 0,
};

/** Builds a result from the frames of an answer while they arrive. */
export interface Builder<R> {
  readonly progress: number;
  readonly done: boolean;
  add(decoded: Decoded): void;
  snapshot(): R;
}

/** Reads a streamed answer to its end. */
export async function receive<R>(
  source: DataSource,
  path: string,
  signal: AbortSignal,
  builder: Builder<R>,
  publish?: (soFar: R, progress: number) => void,
): Promise<void> {
  const response = await source.request(path, { signal });
  const decoder = new FrameDecoder();
  let published = -Infinity;
  let pause = FIRST_PAUSE;
  for await (const chunk of chunksOf(response)) {
    for (const decoded of decoder.push(chunk)) {
      if (decoded.frame.kind === 'error') throw new ApiError(decoded.frame.error, 500);
      builder.add(decoded);
    }
    const now = performance.now();
    // The complete answer is published by the caller.
    if (publish && now - published > pause && builder.progress > 0 && builder.progress < 1) {
      pause = published < 0 ? FIRST_PAUSE : pause * LONGER;
      published = now;
      publish(builder.snapshot(), builder.progress);
    }
  }
  decoder.finish();
  if (!builder.done) throw new FrameError('The answer ended early. Search again.');
}

async function* chunksOf(response: Response): AsyncGenerator<Uint8Array> {
  const reader = response.body?.getReader();
  if (!reader) return;
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      yield value;
    }
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') throw error;
    throw new ApiError(
      { message: 'The connection broke while the answer was arriving.', hint: 'Search again.', start: null, end: null },
      0,
      false,
    );
  } finally {
    reader.cancel().catch(() => undefined);
  }
}
