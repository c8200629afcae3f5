/** A form in a dialog: Enter saves, Escape cancels, errors from the server are shown inside. */
import { useEffect, useId, useRef, useState, type ReactNode } from 'react';
import { createPortal } from 'react-dom';
import { messageOf } from '../data/error';
import { Button } from './design/controls';

export function Dialog({
  title,
  action,
  keep = 'Cancel',
  danger = false,
  disabled = false,
  onSave,
  onClose,
  children,
}: {
  title: string;
  action: string;
  /** The button that changes nothing. */
  keep?: string;
  danger?: boolean;
  disabled?: boolean;
  onSave: () => Promise<unknown>;
  onClose: () => void;
  children: ReactNode;
}): ReactNode {
  const dialog = useRef<HTMLDialogElement>(null);
  const [busy, setBusy] = useState(false);
  const [wrong, setWrong] = useState<string | null>(null);
  const id = useId();
  useEffect(() => dialog.current?.showModal(), []);
  const save = (): void => {
    setBusy(true);
    onSave().then(onClose, (error: unknown) => {
      setBusy(false);
      setWrong(messageOf(error));
    });
  };
  return createPortal(
    <dialog ref={dialog} className="confirm" aria-labelledby={id} onCancel={onClose} onClose={onClose}>
      <form
        className="confirm-body"
        onSubmit={(event) => {
          event.preventDefault();
          if (!disabled && !busy) save();
        }}
      >
        <h2 id={id}>{title}</h2>
        <div className="confirm-text form">{children}</div>
        {wrong && (
          <p className="form-wrong" role="alert">
            <bdi>{wrong}</bdi>
          </p>
        )}
        <div className="confirm-actions">
          <Button look="outline" onClick={onClose}>
            {keep}
          </Button>
          <Button type="submit" look={danger ? 'danger' : 'primary'} disabled={disabled || busy}>
            {action}
          </Button>
        </div>
      </form>
    </dialog>,
    document.body,
  );
}

export function Labeled({ label, hint, children }: { label: string; hint?: string; children: ReactNode }): ReactNode {
  return (
    <label className="form-field">
      <span>{label}</span>
      {children}
      {hint && <small>{hint}</small>}
    </label>
  );
}
