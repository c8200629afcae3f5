/** The data source of a page: its server, unless another source is injected. */
import { createContext, useContext } from 'react';
import type { Failure, Problem } from '../wire';
import { ApiError } from './error';
import { Live, type LiveHandlers } from './live';

export interface DataSource {
  /** Answers a path relative to the page, such as `api/project`. Every failure is an `ApiError`. */
  request(path: string, init?: RequestInit): Promise<Response>;
  /** An address for an image, a sound or a download. */
  urlOf(path: string): string;
  /** Reports changes until the returned function is called. */
  follow(handlers: LiveHandlers): () => void;
}

const UNREACHABLE: Problem = {
  message: 'The server does not answer.',
  hint: 'Is `aim up` still running?',
  start: null,
  end: null,
};

async function failure(response: Response): Promise<ApiError> {
  const text = await response.text().catch(() => '');
  try {
    const { error } = JSON.parse(text) as Failure;
    if (typeof error.message === 'string') return new ApiError(error, response.status);
  } catch {
    // A proxy's own error page: only its status is known.
  }
  const message = `The server answered ${response.status} ${response.statusText}`.trim();
  return new ApiError({ message: `${message}.`, hint: null, start: null, end: null }, response.status, false);
}

async function request(path: string, init: RequestInit = {}): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(path, { credentials: 'same-origin', ...init });
  } catch (error) {
    if (init.signal?.aborted) throw error;
    throw new ApiError(UNREACHABLE, 0, false);
  }
  if (!response.ok) throw await failure(response);
  return response;
}

export const serverSource: DataSource = {
  request,
  urlOf: (path) => path,
  follow: (handlers) => {
    const live = new Live(handlers);
    return () => live.close();
  },
};

export const SourceContext = createContext<DataSource>(serverSource);

export const useSource = (): DataSource => useContext(SourceContext);
