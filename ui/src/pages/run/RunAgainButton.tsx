/** On a run's page: links to its process, and to re-running it with changes. */
import type { ReactNode } from 'react';
import { Icon } from '../../parts/design/Icon';
import { href } from '../../parts/address';
import { Link } from '../../parts/Link';
import type { RunDetail } from '../../wire';

export function RunAgainButton({ detail: { run, facts } }: { detail: RunDetail }): ReactNode {
  const { process } = facts;
  const supervised = typeof process === 'object' && process !== null;
  const again = supervised || Array.isArray(facts.argv);
  return (
    <>
      {supervised && (
        <Link className="button outline" to={href('process', { run: run.id })}>
          <Icon name="terminal" /> Its process
        </Link>
      )}
      {again && (
        <Link className="button outline" to={href('start', { run: run.id })}>
          <Icon name="reset" /> Re-run
        </Link>
      )}
    </>
  );
}
