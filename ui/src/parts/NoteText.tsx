/** Markdown that can be edited: a draft survives a reload, and ctrl + Enter saves. */
import { lazy, Suspense, useState, type ReactNode } from 'react';
import { Button } from './design/controls';
import { recall, remember } from './memory';

const Markdown = lazy(() => import('./Markdown'));

export function Rendered({ text, marks }: { text: string; marks?: readonly string[] }): ReactNode {
  return (
    <Suspense fallback={<pre className="note-plain">{text}</pre>}>
      <Markdown text={text} marks={marks} />
    </Suspense>
  );
}

export function NoteEditor({
  draft,
  text,
  label,
  onSave,
  onCancel,
}: {
  /** The key under which the browser keeps the draft. */
  draft: string;
  text: string;
  label: string;
  onSave: (text: string) => Promise<boolean>;
  onCancel: () => void;
}): ReactNode {
  const [value, setValue] = useState(() => recall(`draft.${draft}`, text));
  const [preview, setPreview] = useState(false);
  const [busy, setBusy] = useState(false);
  const keep = (next: string | null): void => remember(`draft.${draft}`, next ?? undefined);
  const save = (): void => {
    setBusy(true);
    void onSave(value).then((saved) => {
      setBusy(false);
      if (saved) keep(null);
    });
  };
  return (
    <div className="note-editor">
      {preview ? (
        <div className="note-preview">
          <Rendered text={value} />
        </div>
      ) : (
        <textarea
          className="field area"
          aria-label={label}
          value={value}
          autoFocus
          placeholder="What you tried and what happened. Markdown is supported."
          onChange={(event) => {
            setValue(event.target.value);
            keep(event.target.value);
          }}
          onKeyDown={(event) => {
            if (event.key === 'Enter' && (event.metaKey || event.ctrlKey)) save();
            if (event.key === 'Escape') onCancel();
          }}
        />
      )}
      <div className="note-actions">
        <Button aria-pressed={preview} onClick={() => setPreview(!preview)}>
          Preview
        </Button>
        <span className="stretch" />
        <Button
          look="outline"
          onClick={() => {
            keep(null);
            onCancel();
          }}
        >
          Cancel
        </Button>
        <Button look="primary" disabled={busy || value.trim() === ''} onClick={save}>
          Save
        </Button>
      </div>
    </div>
  );
}
