/**
 * Loads points of the zoomed window in full detail, smoothed by the server where all points are. Points of a live run
 * are requested again when there are newer ones, and after a failure.
 */
import { search, type Search } from './search';
import { problemOf } from './error';
import type { Series } from './result';
import type { DataSource } from './source';
import type { Problem } from '../wire';

export type Wanted = Omit<Search, 'only'>;

/** Points by series key, and the request that they answer. */
export interface Fine {
  readonly wanted: Wanted;
  readonly series: ReadonlyMap<string, Series>;
}

export interface DetailState {
  readonly fine: Fine | null;
  /** Why the last request failed. */
  readonly problem: Problem | null;
}

export const NO_DETAIL: DetailState = { fine: null, problem: null };
const SETTLE = 120;
/** The update interval of a live run. */
const FOLLOW = 2000;
const LONGEST_PAUSE = 60_000;

const same = (a: Wanted | null, b: Wanted | null): boolean => JSON.stringify(a) === JSON.stringify(b);

export class DetailLoader {
  private state = NO_DETAIL;
  private wanted: Wanted | null = null;
  /** What the result on the screen contains, and what it contained at the last request. */
  private revision = '';
  private asked = '';
  private timer: ReturnType<typeof setTimeout> | null = null;
  private inFlight: AbortController | null = null;
  private earliest = 0;
  private pause = FOLLOW;

  constructor(
    private readonly source: DataSource,
    private readonly publish: (state: DetailState) => void,
  ) {}

  /** A newer revision alone neither ends a request nor delays the next one. */
  ask(wanted: Wanted | null, revision: string): void {
    this.revision = revision;
    if (same(wanted, this.wanted)) {
      this.follow();
      return;
    }
    this.stop();
    this.wanted = wanted;
    this.pause = FOLLOW;
    this.show({ fine: wanted && this.state.fine, problem: null });
    if (wanted) this.loadIn(SETTLE);
  }

  private stop(): void {
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = null;
    this.inFlight?.abort();
    this.inFlight = null;
  }

  private follow(): void {
    const busy = this.timer !== null || this.inFlight !== null;
    if (this.wanted && !busy && this.asked !== this.revision)
      this.loadIn(Math.max(0, this.earliest - performance.now()));
  }

  private loadIn(pause: number): void {
    this.timer = setTimeout(() => {
      this.timer = null;
      if (this.wanted) void this.load(this.wanted);
    }, pause);
  }

  private async load(wanted: Wanted): Promise<void> {
    const abort = new AbortController();
    this.inFlight = abort;
    this.asked = this.revision;
    const answer = await search(this.source, wanted, abort.signal).catch(problemOf);
    if (abort.signal.aborted) return;
    this.inFlight = null;
    if ('message' in answer) {
      this.failed(wanted, answer);
      return;
    }
    this.pause = FOLLOW;
    this.earliest = performance.now() + FOLLOW;
    this.show({ fine: { wanted, series: new Map(answer.items.map((item) => [item.key, item])) }, problem: null });
    this.follow();
  }

  /** Older points of the same request stay. */
  private failed(wanted: Wanted, problem: Problem): void {
    const { fine } = this.state;
    this.show({ fine: fine && same(fine.wanted, wanted) ? fine : null, problem });
    this.loadIn(this.pause);
    this.pause = Math.min(2 * this.pause, LONGEST_PAUSE);
  }

  private show(state: DetailState): void {
    const { fine, problem } = this.state;
    if (state.fine === fine && state.problem === problem) return;
    this.state = state;
    this.publish(state);
  }
}

/** The points that belong on this axis, with this smoothing. */
export const fitting = (
  { fine }: DetailState,
  { x, smooth, average }: Pick<Wanted, 'x' | 'smooth' | 'average'>,
): Fine['series'] | null =>
  fine && fine.wanted.x === x && fine.wanted.smooth === smooth && fine.wanted.average === average ? fine.series : null;
