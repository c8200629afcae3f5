/** Streams the series of one query, publishing what has arrived so far at a pace the eye can follow. */
import type { XAxis } from '../state/view';
import { address, ApiError, request } from './api';
import { FrameDecoder, FrameError } from './frames';
import { ResultBuilder, type Result } from './result';

export interface Search {
  q: string;
  x: XAxis;
  columns: number;
  lo?: number;
  hi?: number;
  only?: readonly string[];
}

/** Drawing costs more the more there is: the first points are shown at once, the next ones after ever longer pauses. */
const FIRST_PAUSE = 250;
const LONGER = 1.6;

export async function search(
  wanted: Search,
  signal: AbortSignal,
  publish?: (soFar: Result, progress: number) => void,
): Promise<Result> {
  const { only, ...query } = wanted;
  const response = await request(address('series', { ...query, only: only?.join(',') }), { signal });
  const builder = new ResultBuilder();
  const decoder = new FrameDecoder();
  let published = -Infinity;
  let pause = FIRST_PAUSE;
  for await (const chunk of chunksOf(response)) {
    for (const decoded of decoder.push(chunk)) {
      if (decoded.frame.kind === 'error') throw new ApiError(decoded.frame.error, 500);
      builder.add(decoded);
    }
    const now = performance.now();
    if (publish && now - published > pause && builder.progress > 0) {
      pause = published < 0 ? FIRST_PAUSE : pause * LONGER;
      published = now;
      publish(builder.snapshot(), builder.progress);
    }
  }
  decoder.finish();
  if (!builder.done) throw new FrameError('The answer ended early. Search again.');
  return builder.snapshot();
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
    );
  } finally {
    reader.cancel().catch(() => undefined);
  }
}
