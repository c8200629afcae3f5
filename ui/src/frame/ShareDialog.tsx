/** Makes a read-only link to a view, and shows it once. */
import { DateTime } from '../parts/DateTime';
import { useState, type ReactNode } from 'react';
import { useApi } from '../data/api';
import { Dialog, Labeled } from '../parts/Dialog';
import { useToast } from '../parts/design/Toast';
import { useFrame } from '../parts/useFrame';
import { plural } from '../text/format';

/** The dialog closes when its action is done; this one goes on to the link. */
const STAYS_OPEN = new Promise<never>(() => undefined);
const DAYS = [1, 7, 30, 90, 365];

interface CreatedLink {
  readonly id: string;
  readonly address: string;
  readonly expires: number;
}

export function ShareDialog({ view, onClose }: { view: string; onClose: () => void }): ReactNode {
  const { write } = useApi();
  const [days, setDays] = useState(30);
  const [made, setMade] = useState<CreatedLink | null>(null);
  if (made) return <MadeLink made={made} onClose={onClose} />;
  const make = async (): Promise<never> => {
    const { id, token, expires } = await write.link(view, days);
    const address = new URL(`./${view}`, window.location.href);
    address.searchParams.set('token', token);
    setMade({ id, address: address.href, expires });
    return STAYS_OPEN;
  };
  return (
    <Dialog title="Share a read-only link" action="Make link" onSave={make} onClose={onClose}>
      <p>Anyone with the link can view this page and everything else in the repository, but cannot change anything.</p>
      <Labeled label="It works for">
        <select className="field" value={days} onChange={(event) => setDays(Number(event.target.value))}>
          {DAYS.map((count) => (
            <option key={count} value={count}>
              {plural(count, 'day')}
            </option>
          ))}
        </select>
      </Labeled>
    </Dialog>
  );
}

function MadeLink({ made: { id, address, expires }, onClose }: { made: CreatedLink; onClose: () => void }): ReactNode {
  const toast = useToast();
  const { project } = useFrame().server;
  const copy = async (): Promise<void> => {
    if (!navigator.clipboard) throw new Error('The browser does not allow copying here: select the link and copy it.');
    await navigator.clipboard.writeText(address);
    toast({ text: 'Link copied.' });
  };
  return (
    <Dialog title="Read-only link" action="Copy link" keep="Close" onSave={copy} onClose={onClose}>
      <p>
        It is shown only once, and works until <DateTime at={expires} />. Its id is <code>{id}</code>: to revoke it
        sooner, open <b>Tokens and links</b> in the menu under your name, or run{' '}
        <code>{`aim token rm ${id} --repo ${project?.root ?? 'PATH'}`}</code> on the server.
      </p>
      <Labeled label="Link">
        <input
          className="field share-link"
          readOnly
          autoFocus
          value={address}
          onFocus={(event) => event.target.select()}
        />
      </Labeled>
    </Dialog>
  );
}
