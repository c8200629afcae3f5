/** Saves the state of a page under a name, or changes a saved one. */
import { useState, type ReactNode } from 'react';
import type { Bookmark } from '../wire';
import { useApi } from '../data/api';
import { Dialog, Labeled } from './Dialog';

export function EditBookmark({
  bookmark,
  search,
  suggested = '',
  onClose,
  onSaved,
}: {
  /** The bookmark to change; null for a new one. */
  bookmark: Bookmark | null;
  /** The address to save, from the question mark on. */
  search: string;
  suggested?: string;
  onClose: () => void;
  onSaved: () => void;
}): ReactNode {
  const { write } = useApi();
  const [name, setName] = useState(bookmark?.name ?? suggested);
  const [description, setDescription] = useState(bookmark?.description ?? '');
  return (
    <Dialog
      title={bookmark ? 'Edit the bookmark' : 'Bookmark this view'}
      action="Save"
      disabled={name.trim() === ''}
      onSave={() => write.bookmark({ id: bookmark?.id ?? null, name: name.trim(), description, search }).then(onSaved)}
      onClose={onClose}
    >
      <Labeled label="Name">
        <input
          className="field"
          value={name}
          maxLength={200}
          autoFocus
          onChange={(event) => setName(event.target.value)}
        />
      </Labeled>
      <Labeled label="Description" hint="Saves the query, grouping, axes, zoom and table.">
        <textarea
          className="field area short"
          value={description}
          maxLength={2000}
          onChange={(event) => setDescription(event.target.value)}
        />
      </Labeled>
    </Dialog>
  );
}
