/** Requests about processes, templates and queues. */
import { address, requestsOf } from '../../data/api';
import { useSource, type DataSource } from '../../data/source';
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

export type Launch = ReturnType<typeof makeLaunch>;

function makeLaunch(source: DataSource) {
  const { json, post } = requestsOf(source);
  const ask = {
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

  const write = {
    start: (body: StartRequest) => post<Started>('api/launch/start', body),
    stop: (body: StopRequest) => post<Changed>('api/processes/stop', body),
    template: (body: TemplateRequest) => post<Saved>('api/templates/save', body),
    deleteTemplate: (id: string) => post<Changed>('api/templates/delete', { id }),
    queue: (body: QueueRequest) => post<Saved>('api/queues/add', body),
    editQueue: (body: QueueEdit) => post<Changed>('api/queues/edit', body),
    trials: (body: TrialsRequest) => post<Changed>('api/queues/trials', body),
    deleteQueue: (queue: string) => post<Changed>('api/queues/delete', { queue }),
  };
  return { ask, write };
}

const made = new WeakMap<DataSource, Launch>();

function launchOf(source: DataSource): Launch {
  const known = made.get(source) ?? makeLaunch(source);
  made.set(source, known);
  return known;
}

export const useLaunch = (): Launch => launchOf(useSource());
