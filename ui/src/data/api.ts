/** Requests to the server this page came from. Every failure becomes one `ApiError` that can be shown as it is. */
import { charactersAt, unitsAt } from '../text/positions';
import type {
  ArchiveRequest,
  Changed,
  Check,
  Completion,
  Deleted,
  DeleteRequest,
  Failure,
  Problem,
  Project,
} from '../wire';

export class ApiError extends Error {
  constructor(
    readonly problem: Problem,
    readonly status: number,
  ) {
    super(problem.message);
  }
  /** No answer at all: the server is gone or unreachable. */
  get gone(): boolean {
    return this.status === 0 || this.status === 502 || this.status === 503 || this.status === 504;
  }
}

/** Anything that was thrown, as the server would tell it. */
export function problemOf(error: unknown): Problem {
  if (error instanceof ApiError) return error.problem;
  return { message: error instanceof Error ? error.message : String(error), hint: null, start: null, end: null };
}

/** The same in one line. */
export function messageOf(error: unknown): string {
  const { message, hint } = problemOf(error);
  return [message, hint].filter(Boolean).join(' ');
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
    // A proxy's own page: its status is all that can be said.
  }
  const message = `The server answered ${response.status} ${response.statusText}`.trim();
  return new ApiError({ message: `${message}.`, hint: null, start: null, end: null }, response.status);
}

export async function request(path: string, init: RequestInit = {}): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(path, { credentials: 'same-origin', ...init });
  } catch (error) {
    if (init.signal?.aborted) throw error;
    throw new ApiError(UNREACHABLE, 0);
  }
  if (!response.ok) throw await failure(response);
  return response;
}

export function address(path: string, query: Record<string, string | number | undefined>): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) if (value !== undefined) search.set(name, String(value));
  return `api/${path}?${search.toString()}`;
}

export const json = async <T>(path: string, init?: RequestInit): Promise<T> =>
  (await (await request(path, init)).json()) as T;

export const post = <T>(path: string, body: unknown): Promise<T> =>
  json<T>(path, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) });

export const api = {
  project: (signal?: AbortSignal) => json<Project>('api/project', { signal }),
  /** Positions are places in a JavaScript string, here and in the answer. */
  complete: async (q: string, at: number, signal?: AbortSignal): Promise<Completion> => {
    const found = await json<Completion>(address('complete', { q, at: charactersAt(q, at) }), { signal });
    return { ...found, start: unitsAt(q, found.start), end: unitsAt(q, found.end) };
  },
  check: (q: string, signal?: AbortSignal) => json<Check>(address('check', { q }), { signal }),
  archive: (body: ArchiveRequest) => post<Changed>('api/runs/archive', body),
  delete: (body: DeleteRequest) => post<Deleted>('api/runs/delete', body),
};
