/** Recent activity, newest first: runs that began and ended, and changes by people. */
import { useState, type ReactNode } from 'react';
import { Button } from './design/controls';
import { Icon, type IconName } from './design/Icon';
import { exactDateText, isoDateText, plural } from '../text/format';
import { href } from './address';
import { Link } from './Link';
import type { ActivityEvent } from '../wire';
import { agoText } from '../text/ago';
import { runName } from '../text/runName';
import { Hint } from './Sheet';
import { DivergedMark } from './Status';
import { TagChip } from './TagChip';

const FIRST = 12;

interface EventStyle {
  readonly icon: IconName;
  readonly tone?: 'accent' | 'ok' | 'danger' | 'warn';
  /** The text after the run's name; empty without a run. */
  readonly says: (event: ActivityEvent) => ReactNode;
}

const quote = (text: string | null): ReactNode => (
  <>
    “<bdi>{(text ?? '').replace(/\n.*/s, '').replace(/^#+ /, '').slice(0, 120)}</bdi>”
  </>
);

const STYLES: Readonly<Record<ActivityEvent['kind'], EventStyle>> = {
  started: { icon: 'play', tone: 'accent', says: () => 'started' },
  finished: { icon: 'check', tone: 'ok', says: () => 'finished' },
  failed: {
    icon: 'alert',
    tone: 'danger',
    says: ({ subject }) => (subject ? <>failed: {quote(subject)}</> : 'failed'),
  },
  stopped: { icon: 'stop', tone: 'warn', says: ({ runs }) => (runs > 1 ? 'were stopped' : 'was stopped') },
  killed: { icon: 'close', tone: 'warn', says: ({ runs }) => (runs > 1 ? 'were killed' : 'was killed') },
  lost: { icon: 'eyeOff', tone: 'warn', says: ({ runs }) => (runs > 1 ? 'were lost' : 'was lost') },
  archived: { icon: 'archive', says: ({ runs }) => (runs > 1 ? 'were archived' : 'was archived') },
  'brought back': { icon: 'undo', says: ({ runs }) => (runs > 1 ? 'were restored' : 'was restored') },
  deleted: { icon: 'trash', says: ({ runs }) => `${plural(runs, 'run')} deleted` },
  tagged: {
    icon: 'tag',
    says: ({ subject }) => (
      <>
        got the tag <TagChip name={subject ?? ''} />
      </>
    ),
  },
  untagged: {
    icon: 'tag',
    says: ({ subject }) => (
      <>
        lost the tag <TagChip name={subject ?? ''} />
      </>
    ),
  },
  renamed: { icon: 'pencil', says: () => 'was renamed' },
  described: { icon: 'pencil', says: ({ subject }) => <>got a description: {quote(subject)}</> },
  moved: {
    icon: 'flask',
    says: ({ subject }) => (
      <>
        moved to <ExperimentLink name={subject} />
      </>
    ),
  },
  noted: { icon: 'pencil', says: ({ subject }) => <>got a note: {quote(subject)}</> },
  experiment: {
    icon: 'flask',
    says: ({ subject }) => (
      <>
        Experiment <ExperimentLink name={subject} /> was made
      </>
    ),
  },
  'experiment noted': {
    icon: 'pencil',
    says: ({ subject }) => (
      <>
        Experiment <ExperimentLink name={subject} /> has notes
      </>
    ),
  },
  'dashboard saved': { icon: 'columns', says: ({ subject }) => <>Dashboard {quote(subject)} was saved</> },
  bookmarked: { icon: 'bookmark', says: ({ subject }) => <>Bookmark {quote(subject)} was saved</> },
};

function ExperimentLink({ name }: { name: string | null }): ReactNode {
  return (
    <Link className="text-link soft" to={href('experiment', { experiment: name ?? '' })}>
      <bdi>{name}</bdi>
    </Link>
  );
}

export function Activity({ events }: { events: readonly ActivityEvent[] }): ReactNode {
  const [all, setAll] = useState(false);
  if (events.length === 0) return <Hint>No activity yet.</Hint>;
  return (
    <>
      <ol className="activity">
        {(all ? events : events.slice(0, FIRST)).map((event, at) => (
          <ActivityEntry key={`${event.at} ${event.kind} ${event.run?.id ?? at}`} event={event} />
        ))}
      </ol>
      {events.length > FIRST && (
        <Button small aria-expanded={all} onClick={() => setAll(!all)}>
          {all ? 'Show fewer' : 'Show more'}
        </Button>
      )}
    </>
  );
}

function ActivityEntry({ event }: { event: ActivityEvent }): ReactNode {
  const { icon, tone = '', says } = STYLES[event.kind];
  return (
    <li>
      <span className={`activity-icon ${tone}`}>
        <Icon name={icon} size={13} />
      </span>
      <p>
        {event.run && (
          <>
            <Link className="text-link" to={href('run', { run: event.run.id })}>
              <bdi>{runName(event.run)}</bdi>
            </Link>
            {event.run.diverged && ' '}
            <DivergedMark run={event.run} />
            {event.runs > 1 && ` and ${event.runs === 2 ? 'one other' : `${event.runs - 1} others`}`}{' '}
          </>
        )}
        {says(event)}
      </p>
      <time className="count" dateTime={isoDateText(event.at)} title={exactDateText(event.at)}>
        {agoText(event.at)}
      </time>
    </li>
  );
}
