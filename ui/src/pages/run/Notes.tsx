/** Notes about a run. */
import { DateTime } from '../../parts/DateTime';
import { useState, type ReactNode } from 'react';
import { Button } from '../../parts/design/controls';
import { Confirm } from '../../parts/design/Confirm';
import { Notice } from '../../parts/states';
import { useFrame } from '../../parts/useFrame';
import type { Note, Run } from '../../wire';
import { useApi } from '../../data/api';
import { NoteEditor, Rendered } from '../../parts/NoteText';
import { useEdit } from '../../parts/useEdit';
import { useWhatWasSeen } from '../../parts/useWhatWasSeen';

export function Notes({ run, notes }: { run: Run; notes: readonly Note[] }): ReactNode {
  const { write } = useApi();
  const { readOnly } = useFrame();
  const edit = useEdit();
  const [open, setOpen] = useState<string | null>(null);
  const [seen, setSeen] = useState('');
  const [removing, setRemoving] = useState<Note | null>(null);
  const saving = useWhatWasSeen();
  const save =
    (note?: string) =>
    async (text: string): Promise<boolean> => {
      const saved = await edit([run.id], () =>
        saving(seen, (was) => write.note({ run: run.id, note, text, was: note === undefined ? null : was })),
      );
      if (saved) setOpen(null);
      return saved;
    };
  const begin = (note: Note): void => {
    setSeen(note.text);
    setOpen(note.id);
  };
  if (notes.length === 0 && open === null)
    return (
      <Notice icon="pencil" title="No notes yet">
        <p>{readOnly ?? 'Write down the idea and the result. Notes are saved with the run.'}</p>
        {readOnly === null && (
          <Button look="primary" onClick={() => setOpen('new')}>
            Write a note
          </Button>
        )}
      </Notice>
    );
  return (
    <div className="notes-list">
      {notes.map((note) =>
        open === note.id ? (
          <NoteEditor
            key={note.id}
            draft={`${run.id}.${note.id}`}
            text={seen}
            label="Note"
            onSave={save(note.id)}
            onCancel={() => setOpen(null)}
          />
        ) : (
          <article key={note.id} className="card note">
            <div className="card-head">
              <h2 className="note-date">
                <DateTime at={note.edited_at} />
              </h2>
              <span className="stretch" />
              {readOnly === null && (
                <>
                  <Button small icon="pencil" tip="Edit the note" onClick={() => begin(note)} />
                  <Button small icon="trash" tip="Delete the note" onClick={() => setRemoving(note)} />
                </>
              )}
            </div>
            <Rendered text={note.text} />
          </article>
        ),
      )}
      {open === 'new' && (
        <NoteEditor draft={`${run.id}.new`} text="" label="New note" onSave={save()} onCancel={() => setOpen(null)} />
      )}
      {open === null && readOnly === null && (
        <p>
          <Button look="outline" icon="plus" onClick={() => setOpen('new')}>
            Write another note
          </Button>
        </p>
      )}
      {removing && (
        <Confirm
          title="Delete this note?"
          action="Delete"
          onCancel={() => setRemoving(null)}
          onConfirm={() => {
            const { id } = removing;
            setRemoving(null);
            void edit([run.id], () => write.note({ run: run.id, note: id, text: null }), 'Note deleted.');
          }}
        >
          This cannot be undone.
        </Confirm>
      )}
    </div>
  );
}
