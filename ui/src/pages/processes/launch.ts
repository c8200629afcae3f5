/** Requests about processes, templates and queues. */
import { address, json, post } from '../../data/api';
import type {
  Changed,
  Draft,
  LaunchStatus,
  Preview,
  PreviewRequest,
  Process,
  Processes,
  QueueDetail,
  QueueEdit,
  QueuePreview,
  QueuePreviewRequest,
  QueueRequest,
  Queues,
  Saved,
  Started,
  StartRequest,
  StopRequest,
  TemplateRequest,
  Templates,
  TrialsRequest,
} from '../../wire';

export const ask = {
  status: (signal?: AbortSignal) => json<LaunchStatus>('api/launch', { signal }),
  processes: (queue?: string, signal?: AbortSignal) => json<Processes>(address('processes', { queue }), { signal }),
  process: (run: string, signal?: AbortSignal) => json<Process>(address('process', { run }), { signal }),
  templates: (signal?: AbortSignal) => json<Templates>('api/templates', { signal }),
  draft: (run: string, signal?: AbortSignal) => json<Draft>(address('launch/draft', { run }), { signal }),
  queues: (signal?: AbortSignal) => json<Queues>('api/queues', { signal }),
  queue: (queue: string, signal?: AbortSignal) => json<QueueDetail>(address('queue', { queue }), { signal }),
  preview: (body: PreviewRequest) => post<Preview>('api/launch/preview', body),
  trials: (body: QueuePreviewRequest) => post<QueuePreview>('api/queues/preview', body),
};

export const write = {
  start: (body: StartRequest) => post<Started>('api/launch/start', body),
  stop: (body: StopRequest) => post<Changed>('api/processes/stop', body),
  template: (body: TemplateRequest) => post<Saved>('api/templates/save', body),
  deleteTemplate: (id: string) => post<Changed>('api/templates/delete', { id }),
  queue: (body: QueueRequest) => post<Saved>('api/queues/add', body),
  editQueue: (body: QueueEdit) => post<Changed>('api/queues/edit', body),
  trials: (body: TrialsRequest) => post<Changed>('api/queues/trials', body),
  deleteQueue: (queue: string) => post<Changed>('api/queues/delete', { queue }),
};
