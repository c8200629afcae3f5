/** The media of many runs, as an explorer shows them: where each value is, without its content. */
import { itemAt } from '../text/lists';
import type { CellsQuery } from '../wire';
import { address, given } from './api';
import { floats, integers, type Decoded } from './frames';
import { contextText, NOTHING, ResultBuilder, type Context, type Item, type Result } from './result';
import { receive } from './search';
import type { Question } from './searcher';

export interface MediaItem extends Item {
  readonly name: string;
  readonly context: Context;
  readonly contextText: string;
  readonly step: number;
  readonly index: number;
  readonly time: number;
  readonly blob: string;
  readonly size: number;
  readonly format: string;
  readonly caption: string | null;
  readonly width: number | null;
  readonly height: number | null;
  /** Of a sound. */
  readonly seconds: number | null;
}

/**
 * `matched` values match; those in the ranges are `inside`, at `stepsFound` steps, of which `steps` are listed. Of
 * `searched` values, texts in their first `characters`, only those with a match are listed.
 */
export interface MediaResult extends Result<MediaItem> {
  readonly matched: number;
  readonly inside: number;
  readonly stepsFound: number;
  readonly steps: number;
  readonly firstStep: number;
  readonly lastStep: number;
  readonly lastIndex: number;
  readonly searched: number;
  readonly characters: number;
}

export type CellsWanted = Omit<CellsQuery, 'zone' | 'order'>;

const known = (value: number): number | null => (value < 0 ? null : value);

class CellsBuilder {
  private readonly runs = new ResultBuilder();
  private result: MediaResult = {
    ...NOTHING,
    matched: 0,
    inside: 0,
    stepsFound: 0,
    steps: 0,
    firstStep: 0,
    lastStep: 0,
    lastIndex: 0,
    searched: 0,
    characters: 0,
  };

  get progress(): number {
    return this.runs.progress;
  }

  get done(): boolean {
    return this.runs.done;
  }

  add(decoded: Decoded): void {
    if (decoded.frame.kind !== 'media') return this.runs.add(decoded);
    const { matched, inside, steps, steps_found, first_step, last_step, last_index } = decoded.frame;
    const { searched, characters } = decoded.frame;
    this.result = {
      ...this.result,
      matched,
      inside,
      steps,
      stepsFound: steps_found,
      firstStep: first_step,
      lastStep: last_step,
      lastIndex: last_index,
      searched,
      characters,
      items: itemsOf(decoded, this.runs.snapshot().runs),
    };
  }

  snapshot(): MediaResult {
    return { ...this.result, ...this.runs.snapshot(), items: this.result.items };
  }
}

function itemsOf(decoded: Decoded, runs: Result['runs']): MediaItem[] {
  if (decoded.frame.kind !== 'media') return [];
  const { names, contexts, formats, captions, writers } = decoded.frame;
  const whole = (name: string): Int32Array => integers(decoded, name);
  const real = (name: string): Float64Array => floats(decoded, name);
  const [name, context, format, caption] = [whole('name'), whole('context'), whole('format'), whole('caption')];
  const [writer, index, width, height] = [whole('writer'), whole('index'), whole('width'), whole('height')];
  const [step, time, size, at, seconds] = [real('step'), real('time'), real('size'), real('at'), real('seconds')];
  const texts = contexts.map(contextText);
  return Array.from(whole('run'), (owner, i) => {
    const run = itemAt(runs, owner);
    const blob = `${itemAt(writers, itemAt(writer, i))}-${itemAt(at, i)}`;
    return {
      key: `${run.id} ${blob}`,
      run,
      name: itemAt(names, itemAt(name, i)),
      context: itemAt(contexts, itemAt(context, i)),
      contextText: itemAt(texts, itemAt(context, i)),
      step: itemAt(step, i),
      index: itemAt(index, i),
      time: itemAt(time, i),
      blob,
      size: itemAt(size, i),
      format: itemAt(formats, itemAt(format, i)),
      caption: captions[itemAt(caption, i)] ?? null,
      width: known(itemAt(width, i)),
      height: known(itemAt(height, i)),
      seconds: Number.isNaN(itemAt(seconds, i)) ? null : itemAt(seconds, i),
    };
  });
}

const PAUSE = 1000;

export const CELLS: Question<CellsWanted, MediaResult> = {
  ask: async (source, wanted, signal, publish) => {
    const builder = new CellsBuilder();
    await receive(source, address('media', given(wanted)), signal, builder, publish);
    return builder.snapshot();
  },
  renew: (source, wanted, signal, old) => CELLS.ask(source, wanted, signal, () => undefined, old),
  pause: PAUSE,
  revision: ({ revision }) => revision,
  found: ({ matched }) => matched > 0,
};
