/** Every failed request becomes one `ApiError` that can be shown. */
import type { Problem } from '../wire';

export class ApiError extends Error {
  constructor(
    readonly problem: Problem,
    readonly status: number,
    /** Whether the problem is Aim's own text, and not that of a proxy or the browser. */
    private readonly told = true,
  ) {
    super(problem.message);
  }
  /** No answer: the server is gone or unreachable. */
  get gone(): boolean {
    return !this.told && [0, 502, 503, 504].includes(this.status);
  }
  /** The server answers, and cannot do it now: its database is away, for example. */
  get unable(): boolean {
    return this.told && this.status === 503;
  }
}

/** Whether nothing was changed, because somebody else did so meanwhile. */
export const isUnseen = (error: unknown): boolean => error instanceof ApiError && error.status === 409;

/** Anything thrown, in the form of a server error. */
export function problemOf(error: unknown): Problem {
  if (error instanceof ApiError) return error.problem;
  return { message: error instanceof Error ? error.message : String(error), hint: null, start: null, end: null };
}

export const sentenceOf = ({ message, hint }: Problem): string => [message, hint].filter(Boolean).join(' ');

/** The same on one line. */
export const messageOf = (error: unknown): string => sentenceOf(problemOf(error));
