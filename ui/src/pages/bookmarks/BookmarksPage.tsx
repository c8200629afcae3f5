/** Saved views: the query of each, and a link to it. */
import { DateTime } from '../../parts/DateTime';
import { useState, type ReactNode } from 'react';
import { Button } from '../../parts/design/controls';
import { Confirm } from '../../parts/design/Confirm';
import { Icon } from '../../parts/design/Icon';
import { Notice, QueryText } from '../../parts/states';
import { href, pageOf } from '../../parts/address';
import { Link } from '../../parts/Link';
import { useFrame, useTitle } from '../../parts/useFrame';
import type { Bookmark } from '../../wire';
import { useApi } from '../../data/api';
import { EditBookmark } from '../../parts/Bookmark';
import { Searchable } from '../../parts/Searchable';
import { Answer, Sheet } from '../../parts/Sheet';
import { useAsked } from '../../parts/useAsked';
import { useEdit } from '../../parts/useEdit';

export default function BookmarksPage(): ReactNode {
  const { ask } = useApi();
  const asked = useAsked('bookmarks', (signal) => ask.bookmarks(signal));
  useTitle('Bookmarks');
  return (
    <Answer of={asked} title="Bookmarks">
      {({ bookmarks }) => <BookmarksContent bookmarks={bookmarks} onChanged={asked.again} />}
    </Answer>
  );
}

function BookmarksContent({
  bookmarks,
  onChanged,
}: {
  bookmarks: readonly Bookmark[];
  onChanged: () => void;
}): ReactNode {
  const { write } = useApi();
  const edit = useEdit();
  const [editing, setEditing] = useState<Bookmark | null>(null);
  const [deleting, setDeleting] = useState<Bookmark | null>(null);
  return (
    <Sheet title="Bookmarks" lead={<p>Saved views, shared with everyone who uses this repository.</p>}>
      <Searchable items={bookmarks} noun="bookmark" textOf={textOf} empty={<NoBookmarks />}>
        {(shown) => (
          <ul className="bookmark-grid">
            {shown.map((bookmark) => (
              <BookmarkCard
                key={bookmark.id}
                bookmark={bookmark}
                onEdit={() => setEditing(bookmark)}
                onDelete={() => setDeleting(bookmark)}
              />
            ))}
          </ul>
        )}
      </Searchable>
      {editing && (
        <EditBookmark bookmark={editing} search={editing.search} onClose={() => setEditing(null)} onSaved={onChanged} />
      )}
      {deleting && (
        <Confirm
          title="Delete this bookmark?"
          action="Delete"
          onCancel={() => setDeleting(null)}
          onConfirm={() => {
            const { id, name } = deleting;
            setDeleting(null);
            void edit([], () => write.deleteBookmark(id), `“${name}” is deleted.`).then(onChanged);
          }}
        >
          “<bdi>{deleting.name}</bdi>” is deleted for everyone. Runs are not affected.
        </Confirm>
      )}
    </Sheet>
  );
}

function NoBookmarks(): ReactNode {
  return (
    <Notice icon="bookmark" title="No bookmarks yet">
      <p>Set up your charts, then choose “Bookmark this view” in the toolbar.</p>
      <Link className="button outline" to={href('metrics')}>
        Open the explorer
      </Link>
    </Notice>
  );
}

const textOf = (bookmark: Bookmark): string => `${bookmark.name} ${bookmark.description} ${queryOf(bookmark)}`;

const queryOf = (bookmark: Bookmark): string => new URLSearchParams(bookmark.search).get('q') ?? '';

function BookmarkCard({
  bookmark,
  onEdit,
  onDelete,
}: {
  bookmark: Bookmark;
  onEdit: () => void;
  onDelete: () => void;
}): ReactNode {
  const { readOnly, routeOf } = useFrame();
  const route = routeOf(pageOf(bookmark.search));
  const query = queryOf(bookmark);
  return (
    <li className="card bookmark">
      <div className="card-head">
        <Icon name={route?.icon ?? 'bookmark'} />
        <h2>
          <Link className="text-link" to={bookmark.search}>
            <bdi>{bookmark.name}</bdi>
          </Link>
        </h2>
      </div>
      {query && (
        <p className="bookmark-query">
          <QueryText text={query} />
        </p>
      )}
      {bookmark.description && (
        <p className="bookmark-text">
          <bdi>{bookmark.description}</bdi>
        </p>
      )}
      <div className="bookmark-foot">
        <span className="count">
          {route?.title ?? 'Page of a newer version'} · <DateTime at={bookmark.edited_at} />
        </span>
        <span className="stretch" />
        {readOnly === null && (
          <>
            <Button small icon="pencil" aria-label={`Edit ${bookmark.name}`} onClick={onEdit} />
            <Button small icon="trash" aria-label={`Delete ${bookmark.name}`} onClick={onDelete} />
          </>
        )}
      </div>
    </li>
  );
}
