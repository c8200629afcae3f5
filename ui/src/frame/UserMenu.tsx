/** Who is signed in and what they may do, a read-only link to this view, and signing out. */
import { useState, type ReactNode } from 'react';
import { useApi } from '../data/api';
import { messageOf } from '../data/error';
import { href, navigate } from '../parts/address';
import { Menu } from '../parts/design/Menu';
import { useToast } from '../parts/design/Toast';
import type { Project } from '../wire';
import { ShareDialog } from './ShareDialog';

const MAY = {
  read: 'can view runs',
  write: 'can edit runs',
  admin: 'can edit and delete runs',
};

export function UserMenu({ project: { user, role, via, shares } }: { project: Project }): ReactNode {
  const { write } = useApi();
  const toast = useToast();
  const [sharing, setSharing] = useState<string | null>(null);
  if (user === null) return null;
  const signOut = (): void => {
    write.signOut().then(
      () => window.location.reload(),
      (error: unknown) => toast({ text: messageOf(error), tone: 'danger' }),
    );
  };
  const isLink = via === 'link';
  const who = isLink ? `Read-only link of ${user}` : `${user} ${MAY[role]}`;
  return (
    <>
      <Menu
        icon={isLink ? 'link' : 'user'}
        aria-label={`Signed in: ${who}`}
        label="Signed in"
        end
        items={[
          { label: isLink ? who : user, detail: isLink ? '' : role, disabled: true, onSelect: () => undefined },
          ...(shares
            ? [
                {
                  label: 'Share read-only link…',
                  icon: 'link' as const,
                  onSelect: () => setSharing(window.location.search),
                },
              ]
            : []),
          ...(isLink
            ? []
            : [{ label: 'Tokens and links', icon: 'list' as const, onSelect: () => navigate(href('tokens')) }]),
          ...(via === 'header' ? [] : [{ label: 'Sign out', icon: 'close' as const, onSelect: signOut }]),
        ]}
      >
        <bdi className="user-name">{isLink ? 'read-only link' : user}</bdi>
      </Menu>
      {sharing !== null && <ShareDialog view={sharing} onClose={() => setSharing(null)} />}
    </>
  );
}
