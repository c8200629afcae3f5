// Generated from aim/server/wire by `python -m aim.server.wire > ui/src/wire.ts`. Edit those files instead.

export const FRAMES = "application/x-aim-frames";
export const MAGIC = "AIMF";

/** How names of metrics begin that the SDK records beside those of the training. */
export const SYSTEM = "^(__system__|system)[./_]";

/** Times are seconds since 1970 UTC; `seen_at` is the last heartbeat, `diverged` says whether a metric ends in NaN or infinity, `dropped` counts lost points, `damaged` the unreadable places in the files of the run. `started_by` and `edited_by` are users, where they are known. `position`: how many runs began before it, deleted ones included. */
export interface Run {
  id: string;
  hash: string;
  name: string | null;
  experiment: string;
  description: string | null;
  tags: string[];
  archived: boolean;
  status: "failed" | "finished" | "killed" | "lost" | "running" | "stopped";
  error: string | null;
  created_at: number;
  finished_at: number | null;
  duration: number;
  seen_at: number;
  diverged: boolean;
  dropped: number;
  damaged: number;
  started_by: string | null;
  edited_by: string | null;
  position: number;
}

/** Without `experiment`, the whole repository. `zone`: the time zone of the days. */
export interface OverviewQuery {
  experiment?: string | null;
  zone?: string;
}

export interface ExperimentName {
  name: string;
}

/** Omitted fields stay as they are. `archived` applies to all runs of the experiment. */
export interface ExperimentRequest {
  name: string;
  rename?: string | null;
  note?: string | null;
  archived?: boolean | null;
}

export interface TagName {
  name: string;
}

/** A tag with its style; `was` is its old name if it is renamed. Colors are written #rrggbb. */
export interface TagRequest {
  name: string;
  was?: string | null;
  color: string;
  comment?: string;
  archived?: boolean;
}

/** A view: `search` is the page's address from the question mark on. Without `id`, a new one is added. */
export interface BookmarkRequest {
  id?: string | null;
  name: string;
  description?: string;
  search: string;
}

export interface BookmarkName {
  id: string;
}

/** A view that is too long for an address. */
export interface ViewId {
  id: string;
}

/** The parameters of a view that its address leaves out, as in a query string. */
export interface ViewText {
  text: string;
}

/** Runs that started on a day, `2026-01-31`. */
export interface Day {
  day: string;
  runs: number;
}

/** An event of `run`, and of `runs` runs in total within a moment; without a run, of the repository. `subject` is the tag, the new name or experiment, the note, the bookmark, or why a run failed. */
export interface ActivityEvent {
  at: number;
  kind: "archived" | "bookmarked" | "brought back" | "dashboard saved" | "deleted" | "described" | "experiment" | "experiment noted" | "failed" | "finished" | "killed" | "lost" | "moved" | "noted" | "renamed" | "started" | "stopped" | "tagged" | "untagged";
  runs: number;
  run: Run | null;
  subject: string | null;
}

/** `statuses` and `diverged` count the runs that are not archived; `active` are running now, `recent` are the newest. `activity` lists the latest events. */
export interface Overview {
  runs: number;
  archived: number;
  metrics: number;
  seconds: number;
  statuses: Record<string, number>;
  diverged: number;
  days: Day[];
  active: Run[];
  recent: Run[];
  activity: ActivityEvent[];
}

/** An experiment with the best of its runs that did not diverge, by `value`, the best one of a `metric`. No metric says which run is the best: they are None. `curve`: values of its metric in the order of steps, few enough for a sparkline. `params`: if the run has no name, what tells it from the others of the experiment, by path. */
export interface Standing {
  experiment: string;
  runs: number;
  diverged: number;
  run: Run | null;
  metric: string | null;
  context: Record<string, unknown>;
  direction: "max" | "min" | null;
  value: number | string | null;
  curve: (number | string)[];
  params: Record<string, unknown>;
}

/** How far a running run is: `step` of the `steps` that one of its params says, each None if it is unknown. `params` as of a standing, for a run of one of the latest experiments. */
export interface RunProgress {
  run: Run;
  params: Record<string, unknown>;
  step: number | null;
  steps: number | null;
}

/** How well runs do: the latest experiments, the newest of the `active` runs, and how many `diverged`. Archived runs do not count. */
export interface Standings {
  experiments: Standing[];
  running: RunProgress[];
  active: number;
  diverged: number;
}

export interface Experiment {
  name: string;
  runs: number;
  archived_runs: number;
  running: number;
  created_at: number | null;
  last_at: number | null;
  active: boolean;
  archived: boolean;
  note: string;
}

export interface Experiments {
  experiments: Experiment[];
}

/** `color` is None for a tag without a style. */
export interface Tag {
  name: string;
  color: string | null;
  comment: string;
  archived: boolean;
  runs: number;
}

export interface Tags {
  tags: Tag[];
}

export interface Bookmark {
  id: string;
  name: string;
  description: string;
  search: string;
  edited_at: number;
}

export interface Bookmarks {
  bookmarks: Bookmark[];
}

/** `version`: a version or an alias. */
export interface ArtifactQuery {
  name: string;
  version?: string;
}

/** `id`: of the version. */
export interface ArtifactFileQuery {
  name: string;
  id: string;
  path: string;
}

/** What is in `version` and was not in `base`, and the other way around. */
export interface ArtifactDiffQuery {
  name: string;
  version: string;
  base: string;
}

/** Without a `version`, the alias is taken away. */
export interface AliasRequest {
  name: string;
  alias: string;
  version: string | null;
}

/** `made_by` is the id of the run that made it, `user` who stored it without one. `reference`: its files are not in the repository. `store`: the address that they are to be uploaded to, and `stored`: the one that has them; or empty. */
export interface ArtifactVersion {
  name: string;
  version: string;
  id: string;
  type: string;
  aliases: string[];
  files: number;
  bytes: number;
  created_at: number;
  made_by: string | null;
  user: string;
  reference: boolean;
  store: string;
  stored: string;
}

export interface ArtifactRow {
  versions: number;
  latest: ArtifactVersion;
}

/** By name. */
export interface ArtifactList {
  artifacts: ArtifactRow[];
}

/** `address`: where a file is that is only referred to. */
export interface ArtifactFile {
  path: string;
  bytes: number;
  sha256: string;
  address: string;
}

/** One version with its files, of which `left_out` are not listed, and all versions of the artifact, the latest first. `made` and `used` are the runs that made and used the version, newest first and at most 50 of each; `inputs` are versions that the first ones used, `outputs` those that the others made. */
export interface ArtifactDetail {
  version: ArtifactVersion;
  metadata: Record<string, unknown>;
  files: ArtifactFile[];
  left_out: number;
  versions: ArtifactVersion[];
  made: Run[];
  used: Run[];
  inputs: ArtifactVersion[];
  outputs: ArtifactVersion[];
}

/** What a page shows of a file: its `text`, its `rows`, or the image that api/artifact/file has. `cut`: the file has more. `why`: of the kind none, why there is nothing to show. */
export interface ArtifactPreview {
  kind: "image" | "json" | "none" | "table" | "text";
  text: string;
  rows: string[][];
  cut: boolean;
  why: string;
}

/** The size in the version and in the base; None where it is not. */
export interface ChangedFile {
  path: string;
  bytes: number | null;
  base: number | null;
}

/** The first 2,000 files that differ, by path. */
export interface ArtifactDiff {
  files: ChangedFile[];
  added: number;
  removed: number;
  changed: number;
  same: number;
}

/** The versions that a run made and used. */
export interface RunArtifactList {
  made: ArtifactVersion[];
  used: ArtifactVersion[];
}

/** `metrics`: of media for the kinds image, text, figure and table. `axes` of scatter and parallel: paths of params, and metrics as `metric:loss`. `where`: AimQL that narrows the runs and series further. `value`: which one of a metric a bar, a number and an axis show. `text`: in Markdown, of the kind text. `width` in columns of six, `height` in rows. A range ends at None where it follows the data. */
export interface DashboardChart {
  kind: "bar" | "figure" | "image" | "line" | "number" | "parallel" | "scatter" | "table" | "text";
  title: string;
  metrics: string[];
  axes: string[];
  where: string;
  value: "first" | "last" | "max" | "min";
  text: string;
  x: string;
  x_scale: "auto" | "linear" | "log";
  y_scale: "auto" | "linear" | "log";
  x_range: [number | null, number | null];
  y_range: [number | null, number | null];
  smoothing: number;
  ignore_outliers: boolean;
  width: number;
  height: number;
}

/** An `id` of any other form names no dashboard either. */
export interface DashboardQuery {
  id: string;
}

export interface DashboardName {
  id: string;
}

/** Without `id`, a new one is added. `runs`: AimQL that picks its runs, of which the `newest` are drawn. `seen`: the `edited_at` of the version that the change began with; a newer one is then not overwritten. */
export interface DashboardRequest {
  id?: string | null;
  name: string;
  charts: DashboardChart[];
  runs?: string;
  newest?: number;
  seen?: number | null;
}

/** The dashboard that the home page shows; None for the wall. */
export interface HomeRequest {
  id: string | null;
}

export interface Dashboard {
  id: string;
  name: string;
  charts: DashboardChart[];
  runs: string;
  newest: number;
  edited_at: number;
}

/** What a preview shows of a chart. */
export interface ChartOutline {
  kind: "bar" | "figure" | "image" | "line" | "number" | "parallel" | "scatter" | "table" | "text";
  width: number;
  height: number;
}

export interface DashboardRow {
  id: string;
  name: string;
  charts: ChartOutline[];
  edited_at: number;
}

/** By name. `home`: the id of the one that the home page shows. */
export interface Dashboards {
  dashboards: DashboardRow[];
  home: string | null;
}

/** A param path such as `hparams.lr` and its distinct values; NaN, Infinity and -Infinity are sent as text. */
export interface Param {
  path: string;
  values: unknown[];
}

/** The error and what to do. `start` and `end` are positions in the query, if it is at fault. */
export interface Problem {
  message: string;
  hint: string | null;
  start: number | null;
  end: number | null;
}

/** An AimQL expression that picks runs; empty picks all that are not archived. Its dates are days of `zone`, a time zone such as Europe/Berlin. */
export interface Query {
  q?: string;
  zone?: string;
}

/** An AimQL statement, the x axis, the number of pixel columns, and the range of x. The axis `metric:NAME` is the value of that metric at the same step; `back` then marks series in which it is not monotonic. `smooth` is the factor of an exponential average and `average` the points of a moving one, which wins: of all points, whatever is sampled. `only` holds run ids separated by commas; the answer has no other runs. `params=false` leaves params out. */
export interface SeriesQuery {
  q?: string;
  zone?: string;
  x?: string;
  columns?: number;
  lo?: number | null;
  hi?: number | null;
  smooth?: number;
  average?: number;
  only?: string | null;
  params?: boolean;
}

/** `only` holds run ids separated by commas; the answer has no other runs. */
export interface TableQuery {
  q?: string;
  zone?: string;
  only?: string | null;
}

/** The value of one metric, in exactly one context, at the step where another metric has its min or max. Contexts are JSON objects. The answer has only runs with both metrics. */
export interface BesideQuery {
  q?: string;
  zone?: string;
  only?: string | null;
  metric: string;
  context?: string;
  by: string;
  by_context?: string;
  side: "max" | "min";
}

/** A column of a table of runs: `column` in AimQL (`run.duration`, `hparams.lr`), the `param` of one path, or one number of a `metric` in exactly this context. With `by` and the reducer at_min, at_max or at_best: its value at the min, max or best of the metric `by`. */
export interface OrderKey {
  column?: string | null;
  param?: string[] | null;
  metric?: string | null;
  context?: Record<string, unknown>;
  reducer?: "at_best" | "at_max" | "at_min" | "best" | "count" | "first" | "last" | "max" | "mean" | "min";
  by?: string | null;
  by_context?: Record<string, unknown>;
  descending?: boolean;
}

/** The `values` that a table shows for one metric in exactly one context. */
export interface OwnValues {
  metric: string;
  context?: Record<string, unknown>;
  values: ("best" | "first" | "last" | "max" | "mean" | "min")[];
}

/** The columns of metrics in a table: `values` of every metric, `own` values of some metrics, and `besides`, columns with a `by`. */
export interface Numbers {
  values?: ("best" | "first" | "last" | "max" | "mean" | "min")[];
  own?: OwnValues[];
  besides?: OrderKey[];
}

/** Runs with equal values in the columns `by` are one group. `fold`: how one number is made of the numbers of a group. `but`: group by all params in which the runs differ, except those of `by` and the params below them. */
export interface Grouping {
  by?: OrderKey[];
  fold?: "iqm" | "max" | "mean" | "median" | "min";
  but?: boolean;
}

/** Runs in the order of a table. `order` is a list of OrderKey as JSON. `find`: only runs that have each word of this text in one of their columns, as the table shows them; `numbers` are its columns of metrics (Numbers as JSON). `group`, a Grouping as JSON: the runs of a group are listed together. */
export interface ListQuery {
  q?: string;
  zone?: string;
  order?: string;
  find?: string;
  numbers?: string;
  group?: string;
}

/** `metrics` is a list of names as JSON. `near`: the id of a run; if it is listed, the page begins `before` rows before it, not at `offset`. `columns`: also list the params and metrics of the runs. `groups`: also list all groups. `params=false`: the answer has no params. */
export interface PageQuery {
  q?: string;
  zone?: string;
  order?: string;
  find?: string;
  numbers?: string;
  group?: string;
  offset?: number;
  limit?: number;
  near?: string | null;
  before?: number;
  metrics?: string;
  columns?: boolean;
  groups?: boolean;
  params?: boolean;
}

/** Some groups, and the cells of `columns` (a list of OrderKey as JSON). */
export interface GroupsQuery {
  q?: string;
  zone?: string;
  order?: string;
  find?: string;
  numbers?: string;
  group?: string;
  offset?: number;
  limit?: number;
  columns?: string;
}

/** `bounds` is a list of OrderKey as JSON: the columns whose min and max are wanted. `values`: also count the values of every column, and list the values of metrics in which the runs differ. */
export interface FactsQuery {
  q?: string;
  zone?: string;
  bounds?: string;
  values?: boolean;
}

export interface ArraySpec {
  name: string;
  dtype: "f8" | "i4" | "i8" | "u1";
  length: number;
}

/** The distinct values of the text fields of some runs. */
export interface RunTexts {
  hash: string[];
  name: string[];
  experiment: string[];
  description: string[];
  tags: string[][];
  status: ("failed" | "finished" | "killed" | "lost" | "running" | "stopped")[];
  error: string[];
  started_by: string[];
  edited_by: string[];
}

/** First frame, and one before each later part of many runs: the fields of Run by column, one element per run. For each field of `texts` an array i4 of indices into its values; -1 is null, or the id for `hash`. `created_at`, `finished_at` (NaN: null), `duration`, `seen_at`, `dropped`, `damaged`, `position` f8; `archived`, `diverged` u1. Array `params` i4 has a row per param and a column per run: an index into `values`, or -1. */
export interface RunsFrame {
  kind: "runs";
  ids: string[];
  texts: RunTexts;
  params: Param[];
  series: number;
  points: number;
  notes: string[];
  revision: string;
  statement: string;
  arrays: ArraySpec[];
}

/** Some series. One element per series: `run` i4, `name` i4, `context` i4 (indices), `count` i4, `sampled` u1, `first`, `last`, `min`, `max`, `last_step` f8. `offsets` i4 has one more and cuts `x`, `y` and, unless the axis is the step, `steps` (all f8) into series, and `smoothed`, if it was requested. `progress` goes from 0 to 1. */
export interface SeriesFrame {
  kind: "series";
  progress: number;
  contexts: Record<string, unknown>[];
  names: string[];
  arrays: ArraySpec[];
}

/** Summaries of the series of the runs in the frame before it. One element per series, grouped by run: `run` i4 (counted over all frames), `name` i4, `context` i4 (indices), `count` i4, `first`, `last`, `min`, `max`, `mean`, `last_step` f8. `progress` goes from 0 to 1. */
export interface TableFrame {
  kind: "table";
  progress: number;
  names: string[];
  contexts: Record<string, unknown>[];
  arrays: ArraySpec[];
}

/** How many `runs` have the param, whether they are `differing` in it, also because some lack it, and its number of distinct `values`; 0 if those were not counted. */
export interface ParamColumn {
  path: string[];
  runs: number;
  differing: boolean;
  values: number;
}

/** How many `runs` have the metric. `differing`: the values in which the runs differ, if requested. */
export interface MetricColumn {
  name: string;
  context: Record<string, unknown>;
  runs: number;
  differing?: ("best" | "first" | "last" | "max" | "mean" | "min")[];
}

/** First frame of a page. `matched` runs match the query, and `listed` of them the text to find. `start` is the position of the page's first run, `near` that of the requested run, or -1 if it is not listed. `params` and `metrics` are the columns of the matched runs; `described`, `tagged`, `unnamed`: whether one has a description, has tags, has no name; `mixed`: whether they belong to several experiments; `damaged`: how many have damaged files. Frames `runs` and `table` follow, with the runs of the page in order and the series of the requested metrics. */
export interface PageFrame {
  kind: "page";
  matched: number;
  listed: number;
  start: number;
  near: number;
  params: ParamColumn[];
  metrics: MetricColumn[];
  described: boolean;
  tagged: boolean;
  unnamed: boolean;
  mixed: boolean;
  damaged: number;
  arrays: ArraySpec[];
}

/** Follows the frame `page` if all groups were requested. One element per listed group, in order: `size` i4 is the number of its runs, which are contiguous; `place` i4 is its position among all `groups` that match, ordered by their shared values. `values` has the distinct values of each column of the grouping, and `value` i4, for each of these columns, the index of each group's value, or -1. `paths`: the params of the grouping, with `but`. */
export interface GroupsFrame {
  kind: "groups";
  groups: number;
  values: unknown[][];
  paths: string[][];
  arrays: ArraySpec[];
}

/** The numbers of a `number` column are in the arrays. Any other column has the number of `distinct` values of each group, and `some` of them. */
export interface GroupColumn {
  number: boolean;
  distinct: number[];
  some: unknown[][];
}

/** Follows the first runs of some groups. For each number column an element per group: `value` f8, the min `low` and max `high` f8 of the runs (NaN unless two have a number), `there` i4: how many runs have one, and `diverged` i4: how many of these are NaN or infinite. */
export interface CellsFrame {
  kind: "cells";
  columns: GroupColumn[];
  arrays: ArraySpec[];
}

/** Follows the runs of some values of media, which are in the order of the runs, then by name, context and step. One element per value: `run`, `name`, `context`, `format`, `caption`, `writer` i4 (indices; -1 where there is none), `index`, `width`, `height` i4 (-1: unknown), `step`, `epoch`, `time`, `size`, `seconds`, `at` f8 (NaN: unknown). `writers[writer]-at` is the `blob` of the value. `matched` values match, from `first_step` to `last_step`, with indices up to `last_index`; `inside` of them are in the ranges, at `steps_found` steps, of which `steps` are here. With `find`, `searched` of these were searched, texts in their first `characters`, and those that match are here. */
export interface MediaFrame {
  kind: "media";
  names: string[];
  contexts: Record<string, unknown>[];
  formats: string[];
  captions: string[];
  writers: string[];
  matched: number;
  inside: number;
  steps_found: number;
  steps: number;
  first_step: number;
  last_step: number;
  last_index: number;
  searched: number;
  characters: number;
  arrays: ArraySpec[];
}

export interface Ends {
  low: number;
  high: number;
}

/** About the columns of a table of `runs` runs. `bounds`: the min and max of the requested columns, None if a column has no two different numbers. The others are set only with `values`; `fields`: the number of values of each field. */
export interface Facts {
  runs: number;
  fields: Record<string, number>;
  params: ParamColumn[];
  metrics: MetricColumn[];
  bounds: (Ends | null)[];
}

/** One element per run: `value` f8 of the metric, `step` f8 of the other one's best point. */
export interface BesideFrame {
  kind: "beside";
  runs: string[];
  arrays: ArraySpec[];
}

/** Last frame: the answer is complete. `checked` runs matched. */
export interface EndFrame {
  kind: "end";
  seconds: number;
  checked: number;
  arrays: ArraySpec[];
}

/** Last frame instead of "end": the answer is incomplete. */
export interface ErrorFrame {
  kind: "error";
  error: Problem;
  arrays: ArraySpec[];
}

/** An environment variable, added to those of the server. */
export interface Variable {
  name: string;
  value: string;
}

/** The value of a parameter. In a command's `params`, None means that every start must give one. */
export interface NamedValue {
  name: string;
  value: string | number | boolean | null;
}

/** `{lr}` in an argument is replaced by the value of lr, `{{` and `}}` are braces, and an argument `{amp?--amp}` exists only while amp is true. `interpreter` precedes `argv`; without `cwd`, the command starts in the folder of the repository. */
export interface Command {
  argv: string[];
  params?: NamedValue[];
  cwd?: string | null;
  env?: Variable[];
  experiment?: string | null;
  interpreter?: string | null;
}

/** Without `id`, a new one is added. */
export interface TemplateRequest {
  id?: string | null;
  name: string;
  command: Command;
}

export interface TemplateName {
  id: string;
}

/** `values` override the command's defaults. With `run`, the answer lists what differs from that run. */
export interface PreviewRequest {
  command: Command;
  values?: NamedValue[];
  run?: string | null;
}

/** `template` is the id of the template that the command came from, `name` the name of the new run. `agreed`: a person has read the command although the template came from elsewhere. */
export interface StartRequest {
  command: Command;
  values?: NamedValue[];
  name?: string | null;
  template?: string | null;
  agreed?: boolean;
}

/** SIGINT, SIGTERM and SIGKILL to the whole process group, with waits between; `now` sends SIGKILL at once. */
export interface StopRequest {
  run: string;
  why?: string;
  now?: boolean;
}

/** `live`: only running ones. `queue`: only those of one queue. */
export interface ProcessesQuery {
  live?: boolean;
  queue?: string | null;
}

/** `0.1,0.01`, `1..5`, `0..1:0.25`, `log(1e-5..1e-1)`, `uniform(0..1)`, or one value. */
export interface SeveralValues {
  name: string;
  text: string;
}

/** Every combination, or a random sample of `sample` trials; the same `seed` gives the same sample. */
export interface QueuePreviewRequest {
  command: Command;
  space: SeveralValues[];
  sample?: number | null;
  seed?: number;
}

/** AimQL for a running run: `run.loss.val.last > 5`, `run.loss is nan`; applied once `metric` (default: the first metric in the query) has a step of `after` or more. */
export interface StopRule {
  query: string;
  after?: number;
  metric?: string | null;
}

/** Stop a trial whose best value is worse than the median of the running means of at least `at_least` finished trials. */
export interface MedianRule {
  metric: string;
  direction?: "max" | "min";
  after?: number;
  at_least?: number;
}

/** At the steps `min_steps`, `min_steps * eta`, ... stop trials that are not among the best 1/eta that reached the step. */
export interface HalvingRule {
  metric: string;
  direction?: "max" | "min";
  min_steps?: number;
  eta?: number;
}

export interface RuleSet {
  stop?: StopRule[];
  median?: MedianRule | null;
  halving?: HalvingRule | null;
}

/** `trials` as the preview listed them: each has a value for every one of `params`. Without `slots`, there is one slot per GPU, or per CPU without GPUs. `agreed`: a person has read the command although the template came from elsewhere. */
export interface QueueRequest {
  command: Command;
  params: string[];
  trials: ((string | number | boolean)[])[];
  name?: string;
  template?: string | null;
  slots?: number | null;
  gpus?: string[];
  rules?: RuleSet | null;
  paused?: boolean;
  agreed?: boolean;
}

/** Any text, so that a broken link is answered with "not found". */
export interface QueueQuery {
  queue: string;
}

export interface QueueName {
  queue: string;
}

/** Omitted fields stay as they are; the state "cancelled" is read as "canceled". `order` lists the trials that start first. `agreed` is the digest of a queue from elsewhere whose command and trials a person has read; it is resumed. */
export interface QueueEdit {
  queue: string;
  state?: "canceled" | "paused" | "running" | "cancelled" | null;
  slots?: number | null;
  order?: number[] | null;
  agreed?: string | null;
}

export interface TrialsRequest {
  queue: string;
  trials: number[];
  action: "cancel" | "retry";
}

/** Whether processes can be started from here; if not, `reason` says why and `how` is the command that allows it. `folder` is where they start, `slots` how many trials run at once by default. */
export interface LaunchStatus {
  allowed: boolean;
  reason: string | null;
  how: string | null;
  folder: string;
  user: string;
  cpus: number;
  gpus: string[];
  slots: number;
}

/** Who started it: a user of this machine, through `via`, from `address`. */
export interface Requester {
  user: string | null;
  via: string | null;
  address: string | null;
}

/** `value` is None for a secret. */
export interface RecordedVariable {
  name: string;
  value: string | null;
}

/** A command that is or was supervised, and its run. `argv` is as recorded: secrets are masked. `why` tells who or what stopped it. `here`: it was started on this machine, so it can be measured and stopped from here. `orphan`: its runner is gone while the command is still alive. `cpu` (1 is one core) and `memory` (bytes) are totals of all its `processes` while it runs here. */
export interface Process {
  run: Run;
  state: "failed" | "finished" | "killed" | "lost" | "running" | "stopped";
  why: string | null;
  argv: string[];
  cwd: string | null;
  env: RecordedVariable[];
  template: string | null;
  queue: string | null;
  trial: number | null;
  asked_by: Requester;
  host: string | null;
  pid: number | null;
  exit_code: number | null;
  signal: string | null;
  here: boolean;
  orphan: boolean;
  cpu: number | null;
  memory: number | null;
  processes: number | null;
}

/** Running ones first, then the newest. At most 500; `total` counts all. */
export interface Processes {
  processes: Process[];
  total: number;
}

/** `own`: the user of the server made it or agreed to it here; otherwise it came with the repository. */
export interface Template {
  id: string;
  name: string;
  command: Command;
  edited_at: number;
  own: boolean;
}

export interface Templates {
  templates: Template[];
}

/** A run's command with parameters. `recorded` has the run's params with the name of a parameter; `missing` names parameters that must be entered because they were masked; `notes` are hints for the person who starts it. The process of the run recorded `runs` runs: the command starts them all again. */
export interface Draft {
  run: Run;
  name: string;
  command: Command;
  recorded: NamedValue[];
  missing: string[];
  notes: string[];
  runs: number;
}

/** A difference to the original run. None: not set, or not recorded. */
export interface Difference {
  kind: "argument" | "commit" | "folder" | "param" | "program" | "python";
  name: string;
  was: string | null;
  now: string | null;
}

/** What would start: the arguments, the file to execute, and the folder. */
export interface Preview {
  argv: string[];
  program: string;
  cwd: string;
  env: Variable[];
  differences: Difference[];
}

/** The id of the run. */
export interface Started {
  run: string;
}

/** `trials` have a value for every one of `params`; `combinations` is None if a range is continuous. `first` is the command of the first trial. */
export interface QueuePreview {
  params: string[];
  trials: ((string | number | boolean)[])[];
  combinations: number | null;
  first: Preview;
}

/** `run` is the id of its run, once there is one; `hash` is the hash that the run has or will have. */
export interface Trial {
  number: number;
  values: (string | number | boolean)[];
  state: "canceled" | "failed" | "finished" | "killed" | "running" | "starting" | "stopped" | "waiting";
  why: string | null;
  run: string | null;
  hash: string;
  tries: number;
  started_at: number | null;
  ended_at: number | null;
}

/** `states` counts the trials in each state. Only the machine called `host` starts its trials; `here` says whether that is this machine. Setting the queue's state moves it to this machine. `own`: the user of the server made it or agreed to it here; otherwise it came with the repository, and starts nothing. `word` is what a person reads: the state, or done; of a queue from elsewhere, what its records tell. */
export interface Queue {
  id: string;
  name: string;
  template: string | null;
  template_name: string;
  state: "canceled" | "paused" | "running";
  word: string;
  slots: number;
  gpus: string[];
  by: Requester;
  created_at: number;
  trials: number;
  states: Record<string, number>;
  done: boolean;
  host: string | null;
  here: boolean;
  own: boolean;
}

export interface Queues {
  queues: Queue[];
}

/** `trials` in start order, each with a value for every one of `params`. `digest` names the command and the trials, for a person to agree to. */
export interface QueueDetail {
  queue: Queue;
  command: Command;
  params: string[];
  trials: Trial[];
  rules: RuleSet;
  digest: string;
}

/** A run by its hash, its id, or the beginning of its id. */
export interface RunQuery {
  run: string;
}

/** All kinds, or one. */
export interface MediaQuery {
  run: string;
  kind?: "audio" | "distribution" | "figure" | "html" | "image" | "table" | "text" | "video" | null;
}

/** Values of one series at up to `steps` steps from `lo` to `hi`: evenly spread from the first to the last, or without `spread` the first ones. `context` is the series' context as JSON, with keys in any order. */
export interface MediaValuesQuery {
  run: string;
  kind: "audio" | "distribution" | "figure" | "html" | "image" | "table" | "text" | "video";
  name: string;
  context?: string;
  lo?: number | null;
  hi?: number | null;
  steps?: number;
  spread?: boolean;
}

/** Values of all runs that a statement selects, such as `samples if images.step > 100`; without one, all of runs that are not archived. `lo`, `hi`: the range of steps, `low_index`, `high_index`: the range of indices, ends included. `steps`: values at no more different steps, spread evenly. `find`: of these, only what contains this regular expression: in its caption, or in what a text says. `order`: of the runs, a list of OrderKey as JSON; without it, newest first. */
export interface CellsQuery {
  q?: string;
  zone?: string;
  kind?: "audio" | "distribution" | "figure" | "html" | "image" | "table" | "text" | "video";
  lo?: number | null;
  hi?: number | null;
  low_index?: number | null;
  high_index?: number | null;
  steps?: number;
  find?: string;
  order?: string;
}

/** What `api/media` gives, as one zip with a file for each value. `at`: only what each series shows at this step: its values at its own last step until then. */
export interface MediaFilesQuery {
  q?: string;
  zone?: string;
  kind?: "audio" | "distribution" | "figure" | "html" | "image" | "table" | "text" | "video";
  lo?: number | null;
  hi?: number | null;
  low_index?: number | null;
  high_index?: number | null;
  steps?: number;
  find?: string;
  order?: string;
  at?: number | null;
}

/** `blob` of an image, which is made to fit a square of `size` pixels. */
export interface ThumbnailQuery {
  run: string;
  blob: string;
  size: 128 | 256 | 512;
}

/** `blob` of a sound. The answer is the lowest and the highest sample of each of `bins` stretches, fewer if there are fewer samples, as signed bytes. */
export interface WaveformQuery {
  run: string;
  blob: string;
  bins?: 128 | 512 | 2048;
}

/** `blob` of an embedding. The answer is points in space, as docs/format/media.md describes them. */
export interface ProjectionQuery {
  run: string;
  blob: string;
  method?: "pca" | "umap";
}

/** `blob` of a text, of which the first `most` characters are wanted, cut where the regular expression `find` matches. */
export interface TextQuery {
  run: string;
  blob: string;
  find?: string;
  most?: number;
}

/** `blob` as in a MediaValue. */
export interface BlobQuery {
  run: string;
  blob: string;
}

/** `blob` of a page of HTML. Its scripts run only with `scripts`. */
export interface MediaPageQuery {
  run: string;
  blob: string;
  scripts?: boolean;
}

/** Of rows, by a column counted from 0. Empty cells and NaN come last. */
export interface CellSort {
  column: number;
  descending?: boolean;
}

/** What a cell of a column, counted from 0, must be: text that contains `find` or, as a `pattern`, matches it, ignoring case; a number or a time in seconds from `low` to `high`. */
export interface CellFilter {
  column: number;
  find?: string;
  pattern?: boolean;
  low?: number | null;
  high?: number | null;
}

/** `of`: recorded tables as a list of pairs of run and blob in JSON, at most 64. `sort` and `where`: lists of CellSort and CellFilter in JSON. */
export interface TableFileQuery {
  of: string;
  sort?: string;
  where?: string;
}

/** `limit` rows from `offset` on. Texts are cut after `most` characters. */
export interface TableRowsQuery {
  of: string;
  sort?: string;
  where?: string;
  offset?: number;
  limit?: number;
  most?: number;
}

/** The image in one cell of a table, which is made to fit a square of `size` pixels. `row`: its place there. */
export interface TableImageQuery {
  run: string;
  blob: string;
  column: string;
  row: number;
  size?: 128 | 256 | 512;
}

/** A column of recorded tables. */
export interface CellColumn {
  name: string;
  kind: "bool" | "float" | "image" | "int" | "text" | "time";
}

/** One of the recorded tables that rows come from. */
export interface TableSource {
  run: string;
  blob: string;
  step: number;
}

/** Of `rows` rows, `matched` match. Row i from `offset` on is at `place[i]` of the table `sources[source[i]]`, and its cells are `cells[column][i]`: null where there is none, times in seconds since 1970, images as their sizes in bytes, and numbers that JSON does not have as text. Of several tables, the first two columns are the run and the step. */
export interface RecordedRows {
  columns: CellColumn[];
  sources: TableSource[];
  rows: number;
  matched: number;
  offset: number;
  source: number[];
  place: number[];
  cells: unknown[][];
}

/** A series of media: `count` values at `steps` different steps, `bytes` in total. */
export interface MediaSeries {
  kind: "audio" | "distribution" | "figure" | "html" | "image" | "table" | "text" | "video";
  name: string;
  context: Record<string, unknown>;
  count: number;
  steps: number;
  first_step: number;
  last_step: number;
  last_time: number;
  bytes: number;
}

/** By kind, name and context. `run` is the id. */
export interface RunMedia {
  run: string;
  series: MediaSeries[];
}

/** `counts[i]` samples are between `edges[i]` and `edges[i + 1]`. `nan`, `below` and `above` count samples that are not finite. */
export interface Histogram {
  edges: number[];
  counts: number[];
  nan: number;
  below: number;
  above: number;
}

/** One value; `index` counts those that were tracked together at one step. `api/run/blob?run=&blob=` gives its content in `format`: png, jpeg, gif, webp, mp4, webm, wav, mp3, flac, text, html, histogram, parquet, points, embedding, or JSON as plotly, roc, pr and confusion. `text` is the start of a text, all of it unless `cut`. `seconds` is how long audio and videos are. */
export interface MediaValue {
  step: number;
  epoch: number | null;
  time: number;
  index: number;
  blob: string;
  size: number;
  format: string;
  caption: string | null;
  width: number | null;
  height: number | null;
  rate: number | null;
  channels: number | null;
  seconds: number | null;
  text: string | null;
  cut: boolean;
  histogram: Histogram | null;
}

/** The start of a text, all of it unless `cut`: in turns what does not match and what does. At most 1,000 places are marked. */
export interface TextParts {
  parts: string[];
  cut: boolean;
}

/** Values by step, then in the order they were tracked. They cover `steps` of the `steps_found` steps from `lo` to `hi`; `next` is the step to continue at, if there are more. */
export interface MediaValues {
  kind: "audio" | "distribution" | "figure" | "html" | "image" | "table" | "text" | "video";
  name: string;
  context: Record<string, unknown>;
  first_step: number;
  last_step: number;
  steps: number;
  steps_found: number;
  next: number | null;
  values: MediaValue[];
}

/** The output of a run, from a cursor of an earlier page; without one, `backward` begins at the end and `forward` at the beginning. `writer` limits it to one process. */
export interface OutputQuery {
  run: string;
  cursor?: string | null;
  direction?: "backward" | "forward";
  stream?: "stderr" | "stdout" | null;
  writer?: string | null;
}

/** Text to find in the whole output, from the beginning or from a cursor. `case`: match upper and lower case. */
export interface OutputSearch {
  run: string;
  cursor?: string | null;
  stream?: "stderr" | "stdout" | null;
  writer?: string | null;
  text: string;
  case?: boolean;
}

/** A piece of output with its escape sequences. With `skipped` it is empty: this many bytes were not kept here; 0 if the rest of a running run is not kept. */
export interface OutputPiece {
  time: number;
  stream: "stderr" | "stdout";
  text: string;
  writer: number;
  skipped: number | null;
}

/** A process that recorded output: one attempt, or one rank. `live`: more may come. */
export interface OutputWriter {
  id: string;
  attempt: string | null;
  host: string | null;
  started: number;
  bytes: number;
  live: boolean;
}

/** Pieces in order of time; `writer` of a piece is an index in `writers`. `before` is the cursor before the first piece, None at the beginning; `after` is the cursor after the last one. `more`: whether there is more in the requested direction now. `live`: more may come. */
export interface OutputPage {
  pieces: OutputPiece[];
  before: string | null;
  after: string;
  more: boolean;
  live: boolean;
  writers: OutputWriter[];
}

/** A line that contains the text, without its escape sequences: at most 300 characters around the text. `cursor` leads to it, for reading forward. */
export interface OutputPlace {
  cursor: string;
  time: number;
  stream: "stderr" | "stdout";
  line: string;
}

/** `next` is the cursor to continue the search from; None at the end. */
export interface OutputPlaces {
  places: OutputPlace[];
  next: string | null;
}

/** A line that the script logged. */
export interface LogMessage {
  time: number;
  level: "debug" | "error" | "info" | "warning";
  text: string;
  params: Record<string, unknown>;
}

/** In order of time. `left_out` older ones are only in the run's log. */
export interface LogMessages {
  messages: LogMessage[];
  left_out: number;
}

/** `params=false` leaves params out. */
export interface RunsQuery {
  q?: string;
  zone?: string;
  params?: boolean;
}

/** A whole statement in AimQL: of metrics, or with `media` of media. */
export interface StatementQuery {
  q?: string;
  zone?: string;
  media?: boolean;
}

/** AimQL text and the cursor in it, in characters; without `at` the cursor is at the end. */
export interface CompleteQuery {
  q?: string;
  zone?: string;
  media?: boolean;
  at?: number | null;
}

export interface ArchiveRequest {
  runs: string[];
  archived: boolean;
}

export interface DeleteRequest {
  runs: string[];
}

/** `tag` attaches the tag `value`, `untag` removes it; other fields are set to `value`. `was`: the name or description that the author of the change saw; if it is another one now, nothing is changed. */
export interface EditRequest {
  runs: string[];
  field: "description" | "experiment" | "name" | "tag" | "untag";
  value: string;
  was?: string | null;
}

/** Params to add to runs; a dot in a name makes a group. Existing params of these names are replaced. */
export interface ParamsRequest {
  runs: string[];
  params: Record<string, string | number | boolean | null>;
}

/** A note of a run in Markdown. Without `note`, a new one is added; without `text`, it is removed. `was`: the text that the author of the change saw; if it is another one now, nothing is changed. */
export interface NoteRequest {
  run: string;
  note?: string | null;
  text: string | null;
  was?: string | null;
}

/** So many runs are shown, while others are not in the index yet. */
export interface Indexing {
  done: number;
  total: number;
}

/** The repository, and the caller. `reason` says why they may not change it, `undeletable` why they may not delete runs. `user` is null where the server knows no users; `via` says how they proved who they are. `shares`: they may make read-only links. `sources`: the prefixes of open sources of runs, an empty one for logs of Aim. `revision` changes whenever data changes. `indexing` is null once every run is in the index. `home_dashboard`: the id of the dashboard that the home page shows, if one is chosen. */
export interface Project {
  root: string;
  version: string;
  runs: number;
  running: number;
  experiments: string[];
  active_experiment: string;
  sources: string[];
  writable: boolean;
  reason: string | null;
  revision: string;
  indexing: Indexing | null;
  undeletable: string | null;
  user: string | null;
  role: "admin" | "read" | "write";
  via: "bearer" | "header" | "link" | "owner" | "session";
  shares: boolean;
  home_dashboard: string | null;
}

export interface CompletionItem {
  text: string;
  kind: "context" | "experiment" | "function" | "keyword" | "media" | "metric" | "param" | "run" | "value";
  detail: string;
}

/** Replace the characters from `start` to `end` by the `text` of one of `items`, which are the first of `total`. */
export interface Completion {
  start: number;
  end: number;
  items: CompletionItem[];
  total: number;
}

/** Names of metrics that contain each word of `find`, in upper or lower case. `only` holds run ids separated by commas: just the metrics of these runs. */
export interface MetricsQuery {
  find?: string;
  limit?: number;
  only?: string | null;
}

/** The first of the `matched` names in alphabetical order, those of system metrics last. `sources`: for each of these names the prefixes with which a statement selects it, such as `tf` for TensorBoard; an empty one for a metric of Aim. */
export interface MetricNames {
  names: string[];
  matched: number;
  sources: string[][];
}

/** The metrics whose direction was set: `max` where higher values are better, `min` where lower ones are. */
export interface Directions {
  directions: Record<string, "max" | "min">;
}

/** None: as the name of the metric says. */
export interface DirectionRequest {
  metric: string;
  direction: "max" | "min" | null;
}

/** The first `values`, of `total`, that metrics have under this key of their contexts. */
export interface ContextKey {
  key: string;
  values: unknown[];
  total: number;
}

/** The first `keys` of `total`. */
export interface Contexts {
  keys: ContextKey[];
  total: number;
}

export interface Failure {
  error: Problem;
}

export interface Check {
  error: Problem | null;
}

/** `view`: the query string of the page to show, from "?" on. `days`: how long the link works. */
export interface LinkRequest {
  view: string;
  days?: number;
}

/** A new read-only link. `token` opens any page of this server as `?token=...`; it is not shown again. `expires`: seconds since 1970. */
export interface ReadOnlyLink {
  id: string;
  token: string;
  expires: number;
}

/** A token of a user, or with `link` a read-only link that they made to this page. Times are in seconds since 1970; `expires` is null if it never does. */
export interface TokenRow {
  id: string;
  user: string;
  role: "admin" | "read" | "write";
  created: number;
  expires: number | null;
  link: string | null;
}

/** The newest first. `all`: those of all users, because the caller is an admin; else those of the caller. `repo` is the folder that `aim token` takes, null if this server has the engine alone. `own`: the id of the token that the caller came with. */
export interface TokenRows {
  tokens: TokenRow[];
  all: boolean;
  repo: string | null;
  own: string | null;
}

export interface TokenIds {
  ids: string[];
}

export interface Changed {
  changed: number;
}

/** `left`: what is still in an object store, why, and what removes it; empty if nothing is. */
export interface Deleted {
  runs: number;
  files: number;
  bytes: number;
  left: string;
}

/** Sent when runs change: a new run, new points, a new status, an edit, a deletion. `runs` is empty in the first event, and where only what belongs to the repository itself changed, such as a dashboard. */
export interface LiveEvent {
  revision: string;
  runs: string[];
}

/** Summary of one series of a run. `nonfinite` counts points that are NaN or infinite. */
export interface MetricSummary {
  name: string;
  context: Record<string, unknown>;
  count: number;
  first: number | string;
  last: number | string;
  min: number | string;
  max: number | string;
  mean: number | string;
  last_step: number;
  nonfinite: number;
}

export interface Note {
  id: string;
  text: string;
  edited_at: number;
}

/** One process that recorded the run. `ended` is None without an end record. */
export interface RunWriter {
  id: string;
  attempt: string | null;
  role: string | null;
  host: string | null;
  pid: number | null;
  started: number;
  ended: number | null;
  seen_at: number;
  status: string | null;
  dropped: number;
  damaged: number;
}

/** One run without its points. `params` and `facts` are as recorded; `damaged` counts the unreadable places in its files, and `reasons` says what is damaged in the first of them. `environment` is None if it was not recorded; `output` counts the bytes of output. */
export interface RunDetail {
  run: Run;
  params: Record<string, unknown>;
  facts: Record<string, unknown>;
  metrics: MetricSummary[];
  notes: Note[];
  writers: RunWriter[];
  damaged: number;
  reasons: string[];
  environment: Environment | null;
  output: number;
}

/** `packages` are versions by name; `variables` are relevant to training, without secrets. `diff` has the uncommitted changes when the run began; `cut` says how much of it is missing, `untracked` names untracked files. */
export interface Environment {
  packages: Record<string, string>;
  variables: Record<string, string>;
  diff: string | null;
  cut: string | null;
  untracked: string[];
}

export interface Saved {
  id: string;
}

export type Frame = RunsFrame | SeriesFrame | TableFrame | PageFrame | GroupsFrame | CellsFrame | MediaFrame | BesideFrame | EndFrame | ErrorFrame;
