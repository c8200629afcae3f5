/** In an explorer's toolbar: saves the view in the address as a new bookmark, or replaces one. */
import { useState, type ReactNode } from 'react';
import { Menu } from './design/Menu';
import { useToast } from './design/Toast';
import { href, navigate, pageOf } from './address';
import { useFrame } from './useFrame';
import type { Bookmark } from '../wire';
import { useApi } from '../data/api';
import { EditBookmark } from './Bookmark';
import { useAsked } from './useAsked';
import { useEdit } from './useEdit';

const HERE = (): string => window.location.search || '?';

export function BookmarkButton(): ReactNode {
  const { ask, write } = useApi();
  const { readOnly, routeOf } = useFrame();
  const edit = useEdit();
  const toast = useToast();
  const [saving, setSaving] = useState<string | null>(null);
  const asked = useAsked('bookmarks', (signal) => ask.bookmarks(signal));
  const page = pageOf(HERE());
  const mine = (asked.data?.bookmarks ?? []).filter((bookmark) => pageOf(bookmark.search) === page).slice(0, 20);
  const query = new URLSearchParams(HERE()).get('q') ?? '';
  const update = (bookmark: Bookmark): void => {
    const { id, name, description } = bookmark;
    void edit([], () => write.bookmark({ id, name, description, search: HERE() }), `Updated “${name}”.`).then(
      asked.again,
    );
  };
  return (
    <>
      <Menu
        icon="bookmark"
        aria-label="Bookmarks"
        label="Bookmarks"
        end
        items={[
          {
            label: 'Bookmark this view…',
            icon: 'plus',
            disabled: readOnly !== null,
            onSelect: () => setSaving(HERE()),
          },
          ...mine.flatMap((bookmark) => [
            { label: bookmark.name, icon: 'bookmark' as const, onSelect: () => navigate(bookmark.search) },
            ...(readOnly === null
              ? [{ label: `Update “${bookmark.name}”`, icon: 'reset' as const, onSelect: () => update(bookmark) }]
              : []),
          ]),
          { label: 'All bookmarks', icon: 'list', onSelect: () => navigate(href('bookmarks')) },
        ]}
      />
      {saving !== null && (
        <EditBookmark
          bookmark={null}
          search={saving}
          suggested={query.slice(0, 60) || (routeOf(page)?.title ?? '')}
          onClose={() => setSaving(null)}
          onSaved={() => {
            asked.again();
            toast({ text: 'Bookmark saved.', action: { label: 'Show all', run: () => navigate(href('bookmarks')) } });
          }}
        />
      )}
    </>
  );
}
