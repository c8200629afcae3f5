/** Pictures for tests. */
import type { MediaItem } from '../../data/cells';
import { contextText, type Context, type Run } from '../../data/result';
import { runRow } from '../../data/testing';

interface PictureSample extends Partial<Omit<MediaItem, 'run' | 'context'>> {
  run?: string;
  context?: Context;
}

const runs = new Map<string, Run>();

function runOf(id: string): Run {
  const known = runs.get(id);
  const run = known ?? {
    ...runRow(id, { created_at: runs.size }),
    block: { paths: new Map(), index: new Int32Array(), width: 0 },
    row: 0,
  };
  runs.set(id, run);
  return run;
}

export function picture({ run = 'r0', context = {}, ...rest }: PictureSample = {}): MediaItem {
  const { step = 0, index = 0, name = 'samples' } = rest;
  return {
    key: `${run} ${name} ${contextText(context)} ${step} ${index}`,
    run: runOf(run),
    name,
    context,
    contextText: contextText(context),
    step,
    index,
    time: 0,
    blob: `${step}-${index}`,
    size: 100,
    format: 'png',
    caption: null,
    width: 10,
    height: 10,
    seconds: null,
    ...rest,
  };
}
