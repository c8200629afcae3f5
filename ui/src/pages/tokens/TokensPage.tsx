/** The tokens and read-only links that the caller may see, and revoking them. */
import { DateTime } from '../../parts/DateTime';
import { useState, type ReactNode } from 'react';
import { useApi } from '../../data/api';
import { Dialog } from '../../parts/Dialog';
import { Button } from '../../parts/design/controls';
import { useToast } from '../../parts/design/Toast';
import { Link } from '../../parts/Link';
import { PlainTable } from '../../parts/PlainTable';
import { Searchable } from '../../parts/Searchable';
import { Answer, Sheet } from '../../parts/Sheet';
import { Notice } from '../../parts/states';
import { useAsked } from '../../parts/useAsked';
import { useTitle } from '../../parts/useFrame';
import type { TokenRow, TokenRows } from '../../wire';
import { kindOf, textOf, timeLeft } from './rows';

export default function TokensPage(): ReactNode {
  const { ask } = useApi();
  const asked = useAsked('tokens', (signal) => ask.tokens(signal));
  useTitle('Tokens and links');
  return (
    <Answer of={asked} title="Tokens and links">
      {(rows) => <TokensContent rows={rows} onChanged={asked.again} />}
    </Answer>
  );
}

function TokensContent({ rows, onChanged }: { rows: TokenRows; onChanged: () => void }): ReactNode {
  const [revoking, setRevoking] = useState<TokenRow | null>(null);
  return (
    <Sheet
      title="Tokens and links"
      lead={
        <p>
          {rows.all
            ? 'All users of this server.'
            : 'Your tokens with no higher role than you have here, and links that you made.'}{' '}
          {rows.repo === null ? (
            'This server has the engine of a repository alone, and tokens are in its folder.'
          ) : (
            <>
              To make a token, run <code>aim token add USER --repo {rows.repo}</code> on the server.
            </>
          )}
        </p>
      }
    >
      <Searchable items={rows.tokens} noun="token or link" counted="row" textOf={textOf} empty={<NoTokens />}>
        {(shown) => <TokenTable rows={shown} own={rows.own} onRevoke={setRevoking} />}
      </Searchable>
      {revoking && (
        <Revoke
          row={revoking}
          isOwn={revoking.id === rows.own}
          onClose={() => setRevoking(null)}
          onRevoked={onChanged}
        />
      )}
    </Sheet>
  );
}

function NoTokens(): ReactNode {
  return (
    <Notice icon="user" title="No tokens and links">
      <p>A server that was started with --tokens lists those of its users here.</p>
    </Notice>
  );
}

function TokenTable({
  rows,
  own,
  onRevoke,
}: {
  rows: readonly TokenRow[];
  own: string | null;
  onRevoke: (row: TokenRow) => void;
}): ReactNode {
  return (
    <PlainTable
      label="Table of tokens and links"
      head={['User', 'May', 'Id', 'Created', 'Expires', { label: 'Actions', hidden: true }]}
    >
      {rows.map((row) => (
        <tr key={row.id} className={timeLeft(row) === 'expired' ? 'archived' : ''}>
          <th scope="row">
            <bdi>{row.user}</bdi>
            {row.id === own && <span className="badge gray">signed in with this</span>}
          </th>
          <td>
            {row.link === null ? (
              row.role
            ) : (
              <Link className="text-link" to={row.link || '?'}>
                read-only link
              </Link>
            )}
          </td>
          <td className="mono">{row.id}</td>
          <td>
            <DateTime at={row.created} />
          </td>
          <td>{timeLeft(row)}</td>
          <td className="end">
            <Button
              small
              icon="trash"
              tip="Revoke"
              aria-label={`Revoke the ${kindOf(row)} ${row.id} of ${row.user}`}
              onClick={() => onRevoke(row)}
            />
          </td>
        </tr>
      ))}
    </PlainTable>
  );
}

function Revoke({
  row,
  isOwn,
  onClose,
  onRevoked,
}: {
  row: TokenRow;
  isOwn: boolean;
  onClose: () => void;
  onRevoked: () => void;
}): ReactNode {
  const { write } = useApi();
  const toast = useToast();
  const revoke = async (): Promise<void> => {
    await write.revoke([row.id]);
    toast({ text: `The ${kindOf(row)} was revoked.` });
    onRevoked();
  };
  return (
    <Dialog title={`Revoke this ${kindOf(row)}?`} action="Revoke" danger onSave={revoke} onClose={onClose}>
      {row.link === null ? (
        <p>
          The server refuses it within a second. What <bdi>{row.user}</bdi> records with it waits on their machine,
          until they have another one.{isOwn && ' You are signed in with it, and will be signed out.'}
        </p>
      ) : (
        <p>
          Pages opened with the link of <bdi>{row.user}</bdi> stop showing data.
        </p>
      )}
    </Dialog>
  );
}
