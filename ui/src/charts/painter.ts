/** Paints many strokes, in slices over several frames if they are costly, so that the pointer never waits. */
import { densityCost, drawDensity } from './density/density';
import { areaAlpha, clipTo, drawBand, drawMarks, drawTrace, livePoint, ringedDot, strokeCost } from './draw';
import { Layer, type Layers } from './layers';
import type { Pen } from './pen';
import type { ChartTheme } from './types';
import type { ChartView } from './view';

/** Estimated milliseconds of strokes between two checks for other work of the page. */
export const SLICE = 16;
/** A paint job that finishes within this time appears at once; a slower one appears gradually. */
const AT_ONCE = 200;
const GLIMPSE = 60;
const RINGED = 200;

/** A paint job in progress. */
export interface Job {
  /** Milliseconds, as estimated. */
  readonly cost: number;
  /** Nothing can be seen before the end. */
  readonly late?: boolean;
  /** Draws what stands there until a late picture is painted. */
  readonly meanwhile?: () => void;
  /** A generator that draws and yields after each slice. */
  draw(pen: Pen): Generator<void>;
}

export class Painter {
  private readonly spare = new Layer();
  /** An offscreen canvas may defer drawing until it is read; reading one pixel makes each slice pay its own cost. */
  private readonly drain = new Layer();
  private job: MessageChannel | null = null;
  /** Estimated milliseconds of the last strokes, unless they were painted in slices. */
  owed = 0;

  constructor(
    private readonly layers: Layers,
    private readonly target: Layer,
  ) {}

  get busy(): boolean {
    return this.job !== null;
  }

  /** `shown` is called when the first part is about to appear; `done` when everything is painted. */
  paint(job: Job, shown: () => void, done?: () => void): void {
    this.stop();
    const gradual = job.cost > AT_ONCE && !job.late;
    const sliced = job.cost > SLICE * 2;
    this.owed = sliced ? 0 : job.cost;
    if (sliced && job.late) job.meanwhile?.();
    if (sliced) return this.paintSliced(job, gradual ? GLIMPSE : Infinity, shown, done);
    this.target.clear();
    drawAll(job, this.target.pen);
    shown();
    done?.();
  }

  private paintSliced(picture: Job, glimpse: number, shown: () => void, finished?: () => void): void {
    const job = (this.job = new MessageChannel());
    const steps = picture.draw(this.fitSpare());
    let seen = false;
    let since = performance.now();
    const next = () => {
      const done = steps.next().done === true;
      this.drain.pen.drawImage(this.spare.canvas, 0, 0, 1, 1, 0, 0, 1, 1);
      if (done || performance.now() - since > glimpse) {
        this.show();
        if (!seen) shown();
        seen = true;
        since = performance.now();
      }
      if (!done) return job.port2.postMessage(null);
      this.stop();
      finished?.();
    };
    job.port1.onmessage = next;
    next();
  }

  /** Cancels the paint job in progress. */
  stop(): void {
    this.job?.port1.close();
    this.job = null;
  }

  private fitSpare(): Pen {
    this.spare.fit(this.layers);
    this.drain.fit({ width: 1, height: 1, ratio: 1 });
    return this.spare.pen;
  }

  private show(): void {
    const { pen } = this.target;
    this.target.clear();
    pen.drawImage(this.spare.canvas, 0, 0, this.layers.width, this.layers.height);
  }
}

/** Paints synchronously, for a small chart or an exported image. */
export function drawAll(job: Job, pen: Pen): void {
  const slices = job.draw(pen);
  while (!slices.next().done);
}

/** The lines of a view with their areas, marks and ends. */
export function linesJob(view: ChartView, theme: ChartTheme): Job {
  const { raw, crowd, single, frame, style } = view;
  const strokes = [...raw, ...single].reduce((sum, t) => sum + strokeCost(t, frame.ratio, style.hairlines), 0);
  const cost = strokes + densityCost(crowd, frame);
  return { cost, late: crowd.length > 0, draw: (pen) => linesInSlices(pen, view, theme) };
}

function* linesInSlices(pen: Pen, view: ChartView, theme: ChartTheme): Generator<void> {
  const { frame, style } = view;
  let spent = 0;
  pen.save();
  clipTo(pen, frame.plot);
  if (view.crowd.length) yield* drawDensity(pen, view.crowd, frame, theme, SLICE);
  const areas = view.single.filter((trace) => trace.band);
  for (const trace of areas) drawBand(pen, trace, frame.ratio, areaAlpha(areas.length));
  for (const trace of [...view.raw, ...view.single]) {
    drawTrace(pen, trace, style, frame.ratio);
    spent += strokeCost(trace, frame.ratio, style.hairlines);
    if (spent < SLICE) continue;
    spent = 0;
    yield;
  }
  pen.restore();
  drawMarks(pen, view.traces, frame, theme);
  drawLivePoints(pen, view, theme);
}

function drawLivePoints(pen: Pen, { single, frame }: ChartView, theme: ChartTheme): void {
  pen.globalAlpha = 1;
  const live = single.filter((trace) => trace.line.live);
  for (const trace of live) {
    const at = livePoint(trace, frame.plot);
    if (at) ringedDot(pen, at.x, at.y, live.length > RINGED ? 1.5 : 3, trace.line.color, theme);
  }
}
