/** The content of a figure that is JSON. */
import type { Api } from '../../../data/api';
import { sizeText } from '../../../text/format';
import type { MediaValue, Run } from '../../../wire';

const MAX_BYTES = 20_000_000;

export type FigureBlob = Pick<MediaValue, 'blob' | 'size' | 'step' | 'caption'>;

export async function figureOf(
  ask: Api['ask'],
  run: Pick<Run, 'id'>,
  value: FigureBlob,
  signal: AbortSignal,
): Promise<unknown> {
  if (value.size > MAX_BYTES)
    throw new Error(
      `This figure is ${sizeText(value.size)}; the page shows up to ${sizeText(MAX_BYTES)}. Download it instead.`,
    );
  return JSON.parse(await (await ask.blob(run.id, value.blob, signal)).text());
}
