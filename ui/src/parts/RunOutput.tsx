/** The output of one run: all of it, or one stream, or one of its processes. */
import { useEffect, useMemo, useRef, useState, type ReactNode } from 'react';
import { Choice } from './design/controls';
import { useFrame, type FrameState } from './useFrame';
import type { OutputWriter } from '../wire';
import { type OutputFilter, useApi, type Api } from '../data/api';
import { Output } from './Output';
import type { OutputSource } from './output/source';

type StreamChoice = 'all' | 'stdout' | 'stderr';

const STREAMS: readonly { value: StreamChoice; label: string }[] = [
  { value: 'all', label: 'All' },
  { value: 'stdout', label: 'stdout' },
  { value: 'stderr', label: 'stderr' },
];

function sourceOf(
  ask: Api['ask'],
  run: string,
  filter: OutputFilter,
  listen: FrameState['listen'],
  heard: (writers: readonly OutputWriter[]) => void,
): OutputSource {
  return {
    load: async (cursor, direction, signal) => {
      const page = await ask.output(run, { ...filter, cursor: cursor ?? undefined, direction }, signal);
      heard(page.writers);
      return {
        pieces: page.pieces.map((piece) => ({ ...piece, writer: page.writers[piece.writer]?.id ?? '' })),
        before: page.before,
        after: page.after,
        more: direction === 'forward' && page.more,
      };
    },
    find: (text, cursor, signal) => ask.findOutput(run, { ...filter, text, cursor: cursor ?? undefined }, signal),
    listen: (news) => listen({ changed: (runs) => runs.includes(run) && news(), missed: news }),
  };
}

export function RunOutput({
  run,
  title,
  live,
  empty,
}: {
  /** The id. */
  run: string;
  title: string;
  live: boolean;
  empty: ReactNode;
}): ReactNode {
  const { listen } = useFrame();
  const { ask } = useApi();
  const [stream, setStream] = useState<StreamChoice>('all');
  const [writer, setWriter] = useState('');
  const [writers, setWriters] = useState<readonly OutputWriter[]>([]);
  const known = useRef('');
  const source = useMemo(
    () =>
      sourceOf(
        ask,
        run,
        { stream: stream === 'all' ? undefined : stream, writer: writer || undefined },
        listen,
        (loaded) => {
          const ids = loaded.map(({ id }) => id).join(' ');
          if (ids === known.current || writer !== '') return;
          known.current = ids;
          setWriters(loaded);
        },
      ),
    [ask, run, stream, writer, listen],
  );
  useEffect(() => setWriter(''), [run]);
  const filtered = stream !== 'all' || writer !== '';
  return (
    <Output source={source} title={title} live={live} empty={filtered ? undefined : empty}>
      {writers.length > 1 && (
        <Choice
          label="Process"
          value={writer}
          options={[
            { value: '', label: 'All processes' },
            ...writers.map((item, at) => ({ value: item.id, label: nameOf(item, at) })),
          ]}
          onChange={setWriter}
        />
      )}
      <Choice label="Stream" value={stream} options={STREAMS} onChange={setStream} />
    </Output>
  );
}

const nameOf = (writer: OutputWriter, at: number): string =>
  `Process ${at + 1}${writer.host ? ` on ${writer.host}` : ''}`;
