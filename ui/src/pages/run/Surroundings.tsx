/** The environment of a run: the command, machine, packages, variables, and the state of git. */
import type { ReactNode } from 'react';
import { textOf } from '../../data/result';
import { CopyButton } from '../../parts/states';
import { countText } from '../../text/format';
import type { RunDetail } from '../../wire';
import { Card, Hint } from '../../parts/Sheet';
import { Diff } from './Diff';
import { ManyPairs, Pairs, type Pair } from '../../parts/Pairs';
import { compareNames } from '../../text/order';
import { sourcePairs } from './source';

const FACTS: readonly Pair[] = [
  ['python', 'Python'],
  ['executable', 'Interpreter'],
  ['system', 'System'],
  ['aim', 'Aim'],
];

/** An argument quoted for a shell. */
export const shellWord = (text: string): string =>
  /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replace(/'/g, `'\\''`)}'`;

export function RunCommand({ facts }: { facts: RunDetail['facts'] }): ReactNode {
  const argv = Array.isArray(facts.argv) ? facts.argv.map(textOf) : [];
  if (argv.length === 0) return null;
  const command = argv.map(shellWord).join(' ');
  return (
    <Card title="Command" actions={<CopyButton text={command} what="command" />}>
      <pre className="command" tabIndex={0}>
        <bdi>{command}</bdi>
      </pre>
      {facts.cwd !== undefined && <Pairs pairs={[['Folder', textOf(facts.cwd)]]} />}
    </Card>
  );
}

export function Surroundings({ detail: { facts, writers } }: { detail: RunDetail }): ReactNode {
  const first = writers[0];
  const known = (name: string): boolean => facts[name] !== undefined && facts[name] !== null;
  const pairs: Pair[] = [
    ...(first?.host ? [['Host', first.host] as const] : []),
    ...(first?.pid ? [['Process', String(first.pid)] as const] : []),
    ...FACTS.filter(([name]) => known(name)).map(([name, label]) => [label, textOf(facts[name])] as const),
  ];
  return (
    <Card title="Environment">{pairs.length ? <Pairs pairs={pairs} /> : <Hint>No environment recorded.</Hint>}</Card>
  );
}

export function SourceCard({ facts }: { facts: RunDetail['facts'] }): ReactNode {
  const pairs = sourcePairs(facts);
  if (pairs.length === 0) return null;
  return (
    <Card title="Source">
      <ManyPairs pairs={pairs} noun="fact" />
    </Card>
  );
}

const sortedPairs = (record: Record<string, string>): Pair[] =>
  Object.entries(record).sort(([a], [b]) => compareNames(a, b));

export function PackagesCard({ environment }: { environment: RunDetail['environment'] }): ReactNode {
  const pairs = sortedPairs(environment?.packages ?? {});
  if (pairs.length === 0) return null;
  return (
    <Card title="Packages" count={countText(pairs.length)}>
      <ManyPairs pairs={pairs} noun="package" />
    </Card>
  );
}

export function VariablesCard({ environment }: { environment: RunDetail['environment'] }): ReactNode {
  const pairs = sortedPairs(environment?.variables ?? {});
  if (pairs.length === 0) return null;
  return (
    <Card title="Environment variables" count={countText(pairs.length)}>
      <ManyPairs pairs={pairs} noun="variable" />
    </Card>
  );
}

export function GitCard({ detail: { facts, environment } }: { detail: RunDetail }): ReactNode {
  const git = typeof facts.git === 'object' && facts.git !== null ? (facts.git as Record<string, unknown>) : {};
  const { commit, branch, dirty, remote, author, message } = git;
  const pairs: Pair[] = [
    ['Commit', textOf(commit ?? undefined)],
    ['Message', textOf(message ?? undefined)],
    ['Author', textOf(author ?? undefined)],
    ['Branch', textOf(branch ?? undefined)],
    ['Remote', textOf(remote ?? undefined)],
    ['Changes', dirty === true ? 'uncommitted changes' : dirty === false ? 'none' : ''],
  ];
  const known = pairs.filter(([, value]) => value !== '');
  const { diff = null, cut = null, untracked = [] } = environment ?? {};
  if (known.length === 0 && !diff && untracked.length === 0) return null;
  return (
    <Card title="Git">
      <Pairs pairs={known} />
      {diff && (
        <>
          <h3 className="card-part">Uncommitted</h3>
          <Diff text={diff} cut={cut} />
        </>
      )}
      {untracked.length > 0 && (
        <details className="untracked">
          <summary>{`${countText(untracked.length)} ${untracked.length === 1 ? 'file' : 'files'} unknown to git`}</summary>
          <ul>
            {untracked.map((name) => (
              <li key={name}>
                <code>
                  <bdi>{name}</bdi>
                </code>
              </li>
            ))}
          </ul>
        </details>
      )}
    </Card>
  );
}
