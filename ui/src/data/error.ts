/** Every failure of a request becomes one `ApiError` that can be shown as it is. */
import type { Problem } from '../wire';

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
