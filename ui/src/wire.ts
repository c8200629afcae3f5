// Generated from aim/server/wire.py by `python -m aim.server.wire > ui/src/wire.ts`. Edit that file instead.

export const FRAMES = "application/x-aim-frames";
export const MAGIC = "AIMF";

/** An AimQL expression that picks runs; empty picks all that are not archived. */
export interface Query {
  q?: string;
}

/** AimQL text and the cursor in it, in characters; without `at` the cursor is at the end. */
export interface CompleteQuery {
  q?: string;
  at?: number | null;
}

/** An AimQL statement, the x axis, the pixel columns to fill, and the window of x to look at. `only` holds run ids with commas between them: the answer is cut down to those runs. */
export interface SeriesQuery {
  q?: string;
  x?: "epoch" | "relative" | "step" | "time";
  columns?: number;
  lo?: number | null;
  hi?: number | null;
  only?: string | null;
}

export interface ArchiveRequest {
  runs: string[];
  archived: boolean;
}

export interface DeleteRequest {
  runs: string[];
}

/** `tag` attaches the tag named by `value`, `untag` takes it off, the other fields are set to it. */
export interface EditRequest {
  runs: string[];
  field: "description" | "experiment" | "name" | "tag" | "untag";
  value: string;
}

/** What the server shows. `reason` says why it is not `writable`; `revision` changes whenever data did. */
export interface Project {
  root: string;
  version: string;
  runs: number;
  running: number;
  experiments: string[];
  active_experiment: string;
  writable: boolean;
  reason: string | null;
  revision: string;
}

/** Replace the characters from `start` to `end` by the `text` of one of `items`. */
export interface Completion {
  start: number;
  end: number;
  items: CompletionItem[];
}

export interface CompletionItem {
  text: string;
  kind: "context" | "experiment" | "function" | "keyword" | "metric" | "param" | "run" | "value";
  detail: string;
}

export interface Check {
  error: Problem | null;
}

/** What is wrong and what to do about it; `start` and `end` are characters of the query, if one is to blame. */
export interface Problem {
  message: string;
  hint: string | null;
  start: number | null;
  end: number | null;
}

export interface Changed {
  changed: number;
}

export interface Deleted {
  runs: number;
  files: number;
  bytes: number;
}

/** Sent whenever runs changed: new ones, more points, another status, an edit, a deletion. */
export interface LiveEvent {
  revision: string;
  runs: string[];
}

export interface Failure {
  error: Problem;
}

/** First frame. Array `params` i4 has a row per param and a column per run: an index into `values`, or -1. */
export interface RunsFrame {
  kind: "runs";
  runs: Run[];
  params: Param[];
  series: number;
  points: number;
  notes: string[];
  revision: string;
  statement: string;
  arrays: ArraySpec[];
}

/** Times are seconds since 1970 UTC; `seen_at` is the last sign of life, `dropped` the points that were lost. */
export interface Run {
  id: string;
  hash: string;
  name: string | null;
  experiment: string;
  description: string | null;
  tags: string[];
  archived: boolean;
  status: "failed" | "finished" | "killed" | "lost" | "running";
  error: string | null;
  created_at: number;
  finished_at: number | null;
  duration: number;
  seen_at: number;
  dropped: number;
}

/** A param path such as `hparams.lr` and its distinct values; NaN, Infinity and -Infinity come as these words. */
export interface Param {
  path: string;
  values: unknown[];
}

export interface ArraySpec {
  name: string;
  dtype: "f8" | "i4" | "i8" | "u1";
  length: number;
}

/** Some series. One element a series: `run` i4, `name` i4, `context` i4 (indices), `count` i4, `sampled` u1, `first`, `last`, `min`, `max`, `last_step` f8. `offsets` i4 has one more and cuts `x`, `y` and, unless the axis is the step, `steps` (all f8) into series. `progress` goes from 0 to 1. */
export interface SeriesFrame {
  kind: "series";
  progress: number;
  contexts: Record<string, unknown>[];
  names: string[];
  arrays: ArraySpec[];
}

/** Last frame: the answer is whole. `checked` runs were looked at. */
export interface EndFrame {
  kind: "end";
  seconds: number;
  checked: number;
  arrays: ArraySpec[];
}

/** Last frame in place of "end": the answer broke off. */
export interface ErrorFrame {
  kind: "error";
  error: Problem;
  arrays: ArraySpec[];
}

export type Frame = RunsFrame | SeriesFrame | EndFrame | ErrorFrame;
