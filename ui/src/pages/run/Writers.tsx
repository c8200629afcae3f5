/** The processes of one run over time: attempts, ranks and children. */
import { DateTime } from '../../parts/DateTime';
import type { ReactNode } from 'react';
import { durationText, exactDateText, plural } from '../../text/format';
import type { RunWriter } from '../../wire';
import { Card } from '../../parts/Sheet';

const ROLES: Readonly<Record<string, string>> = { join: ', joined', output: ', captured output' };

export function Writers({ writers }: { writers: readonly RunWriter[] }): ReactNode {
  if (writers.length < 2) return null;
  const from = Math.min(...writers.map((writer) => writer.started));
  const to = Math.max(...writers.map((writer) => writer.ended ?? writer.seen_at), from + 0.001);
  const attempts = [...new Set(writers.map((writer) => writer.attempt))];
  return (
    <Card title="Processes" count={`${plural(attempts.length, 'attempt')}, ${writers.length} processes`}>
      <ul className="timeline">
        {writers.map((writer) => {
          const end = writer.ended ?? writer.seen_at;
          return (
            <li key={writer.id} title={`${exactDateText(writer.started)}, ${durationText(end - writer.started)}`}>
              <span>
                {`Attempt ${attempts.indexOf(writer.attempt) + 1}`}
                {ROLES[writer.role ?? '']}
              </span>
              <span className="quiet">
                <bdi>{[writer.host, writer.pid, writer.status ?? 'no end record'].filter(Boolean).join(' · ')}</bdi>
              </span>
              <span className="timeline-track" aria-hidden="true">
                <span
                  className={writer.status === 'failed' ? 'failed' : ''}
                  style={{
                    left: `${((writer.started - from) / (to - from)) * 100}%`,
                    width: `${Math.max(0.6, ((end - writer.started) / (to - from)) * 100)}%`,
                  }}
                />
              </span>
              <span className="quiet">
                <DateTime at={writer.started} />
              </span>
            </li>
          );
        })}
      </ul>
    </Card>
  );
}
