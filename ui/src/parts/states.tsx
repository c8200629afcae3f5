/** What a page says when there is nothing to show. Each state names the next thing to do. */
import { useState, type ReactNode } from 'react';
import { tokens } from '../text/aimql';
import type { Problem } from '../wire';
import { Button } from './design/controls';
import { Icon, type IconName } from './design/Icon';
import { useToast } from './design/Toast';

export function Notice({
  icon,
  title,
  children,
  tone = 'plain',
}: {
  icon?: IconName;
  title: string;
  children?: ReactNode;
  tone?: 'plain' | 'danger';
}): ReactNode {
  return (
    <div className={`notice ${tone}`}>
      {icon && (
        <span className="notice-icon">
          <Icon name={icon} size={22} />
        </span>
      )}
      <h2>{title}</h2>
      {children}
    </div>
  );
}

export function CopyButton({ text, what }: { text: string; what: string }): ReactNode {
  const [copied, setCopied] = useState(false);
  const toast = useToast();
  const copy = (): void => {
    const done = (): void => {
      setCopied(true);
      window.setTimeout(() => setCopied(false), 1600);
    };
    const failed = (): void =>
      toast({
        text: `The browser does not allow copying here. Select the ${what} and copy it by hand.`,
        tone: 'danger',
      });
    if (navigator.clipboard) navigator.clipboard.writeText(text).then(done, failed);
    else failed();
  };
  return (
    <Button small look="outline" icon={copied ? 'check' : 'copy'} onClick={copy}>
      {copied ? 'Copied' : `Copy ${what}`}
    </Button>
  );
}

export function QueryText({ text }: { text: string }): ReactNode {
  return (
    <code className="query-inline">
      {tokens(text).map((token) => (
        <span key={token.start} className={`syntax-${token.kind}`}>
          {token.text}
        </span>
      ))}
    </code>
  );
}

/** What is wrong, and what to do next. */
export function Explained({ problem }: { problem: Problem }): ReactNode {
  return (
    <>
      <p>
        <bdi>{problem.message}</bdi>
      </p>
      {problem.hint && (
        <p className="hint">
          <bdi>{problem.hint}</bdi>
        </p>
      )}
    </>
  );
}

export function Failed({ problem, onRetry }: { problem: Problem; onRetry: () => void }): ReactNode {
  const inQuery = problem.start !== null;
  return (
    <Notice icon="alert" tone="danger" title={inQuery ? 'Invalid query' : 'Search failed'}>
      <Explained problem={problem} />
      {!inQuery && (
        <Button look="outline" icon="reset" onClick={onRetry}>
          Try again
        </Button>
      )}
    </Notice>
  );
}

/** No answer: the server is gone, or it told why it is `unable` to answer. */
export function Gone({ unable = null }: { unable?: Problem | null }): ReactNode {
  return (
    <Notice icon={unable ? 'alert' : 'link'} title={unable?.message ?? 'The server does not respond'}>
      {unable ? (
        <p>This page loads by itself as soon as that is over.</p>
      ) : (
        <p>
          Is <code>aim up</code> still running? This page connects again by itself as soon as it is back.
        </p>
      )}
      <p className="waiting">
        <span className="pulse" aria-hidden="true" /> Trying every two seconds…
      </p>
    </Notice>
  );
}

export function Refused({ problem }: { problem: Problem }): ReactNode {
  return (
    <Notice icon="lock" tone="danger" title="The server refused this page">
      <Explained problem={problem} />
    </Notice>
  );
}

export function Skeleton(): ReactNode {
  return (
    <div className="skeletons" role="status" aria-label="Searching">
      {[0, 1, 2].map((item) => (
        <div key={item} className="chart">
          <span className="skeleton line" />
          <span className="skeleton block" />
        </div>
      ))}
    </div>
  );
}
