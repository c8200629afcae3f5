/** The log messages of the script, with levels and values: newest last, filtered by level and text. */
import { useDeferredValue, useEffect, useMemo, useRef, useState, type ReactNode } from 'react';
import { FindField } from '../../parts/design/FindField';
import { textOf } from '../../data/result';
import { Button } from '../../parts/design/controls';
import { Icon } from '../../parts/design/Icon';
import { countText, dateText, exactDateText, plural } from '../../text/format';
import { Notice } from '../../parts/states';
import { useNews } from '../../parts/useFrame';
import type { LogMessage, LogMessages, RunDetail } from '../../wire';
import { useApi } from '../../data/api';
import { Answer } from '../../parts/Sheet';
import { useAsked, usePaced } from '../../parts/useAsked';

type Level = LogMessage['level'];
const LEVELS: readonly Level[] = ['debug', 'info', 'warning', 'error'];
const AT_ONCE = 300;

export function Messages({ detail: { run } }: { detail: RunDetail }): ReactNode {
  const { ask } = useApi();
  const asked = useAsked(`messages ${run.id}`, (signal) => ask.messages(run.id, signal));
  const again = usePaced(asked.again);
  useNews({ changed: (runs) => runs.includes(run.id) && again(), missed: again });
  return <Answer of={asked}>{(messages) => <List log={messages} />}</Answer>;
}

function NoMessages(): ReactNode {
  return (
    <Notice icon="list" title="No messages">
      <p>
        <code>run.log_warning("learning rate is 0", epoch=3)</code> writes one, with a level and values that can be
        searched.
      </p>
    </Notice>
  );
}

function List({ log: { messages, left_out } }: { log: LogMessages }): ReactNode {
  const [hidden, setHidden] = useState<ReadonlySet<Level>>(new Set());
  const [find, setFind] = useState('');
  const [shown, setShown] = useState(AT_ONCE);
  const word = useDeferredValue(find).trim().toLowerCase();
  const counts = useMemo(() => countsOf(messages), [messages]);
  const kept = useMemo(
    () =>
      messages.filter(
        (message) =>
          !hidden.has(message.level) &&
          (word === '' ||
            `${message.text} ${Object.entries(message.params)
              .map((pair) => textOf(pair))
              .join(' ')}`
              .toLowerCase()
              .includes(word)),
      ),
    [messages, hidden, word],
  );
  if (messages.length === 0) return <NoMessages />;
  const toggle = (level: Level): void => {
    const next = new Set(hidden);
    if (!next.delete(level)) next.add(level);
    setHidden(next);
  };
  return (
    <>
      <div className="table-find">
        <FindField label="Find a message" value={find} onFind={setFind} />
        <span className="levels" role="group" aria-label="Levels">
          {LEVELS.filter((level) => counts[level] > 0).map((level) => (
            <Button
              key={level}
              small
              look="outline"
              aria-pressed={!hidden.has(level)}
              active={!hidden.has(level)}
              onClick={() => toggle(level)}
            >
              <LevelMark level={level} />
              {level} <span className="count">{countText(counts[level])}</span>
            </Button>
          ))}
        </span>
        <span className="count" role="status">
          {kept.length < messages.length
            ? `${countText(kept.length)} of ${plural(messages.length, 'message')}`
            : plural(messages.length, 'message')}
        </span>
      </div>
      {left_out > 0 && (
        <p className="quiet">{`${plural(left_out, 'older message')} can be read in the run’s log only.`}</p>
      )}
      {kept.length > shown && (
        <p className="card-foot">
          <Button small look="outline" onClick={() => setShown(shown + AT_ONCE * 3)}>
            {`Show ${countText(kept.length - shown)} older`}
          </Button>
        </p>
      )}
      {kept.length === 0 ? (
        <p className="quiet">No messages match the search and the levels.</p>
      ) : (
        <Entries messages={kept.slice(-shown)} />
      )}
    </>
  );
}

function Entries({ messages }: { messages: readonly LogMessage[] }): ReactNode {
  const end = useRef<HTMLOListElement>(null);
  const first = useRef(true);
  useEffect(() => {
    if (first.current && messages.length > 40) end.current?.lastElementChild?.scrollIntoView({ block: 'end' });
    first.current = false;
  }, [messages]);
  return (
    <ol ref={end} className="messages" aria-label="Messages">
      {messages.map((message, at) => (
        <MessageEntry key={`${message.time} ${at}`} message={message} />
      ))}
    </ol>
  );
}

const LevelMark = ({ level }: { level: Level }): ReactNode => (
  <span className={`level-mark ${level}`} aria-hidden="true" />
);

function MessageEntry({ message: { time, level, text, params } }: { message: LogMessage }): ReactNode {
  const pairs = Object.entries(params);
  const brief = pairs.map(([name, value]) => `${name}=${textOf(value)}`).join('  ');
  const head = (
    <>
      <time className="quiet" title={exactDateText(time)}>
        {dateText(time, { exact: true })}
      </time>
      <span className={`level ${level}`}>
        {level === 'error' || level === 'warning' ? <Icon name="alert" size={12} /> : <LevelMark level={level} />}
        {level}
      </span>
      <span className="message-text">
        <bdi>{text}</bdi>
        {pairs.length > 0 && (
          <span className="message-brief">
            <bdi>{brief}</bdi>
          </span>
        )}
      </span>
    </>
  );
  if (pairs.length === 0) return <li className="message">{head}</li>;
  return (
    <li>
      <details>
        <summary className="message">{head}</summary>
        <dl className="pairs message-params">
          {pairs.map(([name, value]) => (
            <div key={name}>
              <dt>
                <bdi>{name}</bdi>
              </dt>
              <dd>
                <bdi>{textOf(value)}</bdi>
              </dd>
            </div>
          ))}
        </dl>
      </details>
    </li>
  );
}

function countsOf(messages: readonly LogMessage[]): Record<Level, number> {
  const counts: Record<Level, number> = { debug: 0, info: 0, warning: 0, error: 0 };
  for (const { level } of messages) counts[level] += 1;
  return counts;
}
