/** The source of a new command: nothing, a run, a queue, or a template. */
import type { Draft, LaunchStatus, QueueDetail, Template } from '../../wire';
import { ApiError } from '../../data/error';
import type { Launch } from './launch';

export type Source =
  | { readonly kind: 'blank' }
  | { readonly kind: 'run'; readonly draft: Draft }
  | { readonly kind: 'queue'; readonly detail: QueueDetail }
  | { readonly kind: 'template'; readonly template: Template };

export interface NamedSource {
  readonly run: string | null;
  readonly queue: string | null;
  readonly template: string | null;
}

export async function look(
  ask: Launch['ask'],
  { run, queue, template }: NamedSource,
  signal: AbortSignal,
): Promise<{ status: LaunchStatus; source: Source }> {
  const status = await ask.status(signal);
  if (!status.allowed) return { status, source: { kind: 'blank' } };
  if (run !== null) return { status, source: { kind: 'run', draft: await ask.draft(run, signal) } };
  if (queue !== null) return { status, source: { kind: 'queue', detail: await ask.queue(queue, signal) } };
  if (template === null) return { status, source: { kind: 'blank' } };
  const saved = (await ask.templates(signal)).templates.find(({ id }) => id === template);
  if (!saved)
    throw new ApiError({ message: `There is no template ${template}.`, hint: null, start: null, end: null }, 404);
  return { status, source: { kind: 'template', template: saved } };
}
