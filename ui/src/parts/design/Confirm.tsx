/** Asks before something that cannot be undone. The safe answer has the focus. */
import { useEffect, useRef, type ReactNode } from 'react';
import { Button } from './controls';

export function Confirm({
  title,
  children,
  action,
  onConfirm,
  onCancel,
  busy = false,
}: {
  title: string;
  children: ReactNode;
  action: string;
  onConfirm: () => void;
  onCancel: () => void;
  busy?: boolean;
}): ReactNode {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  return (
    <dialog
      ref={dialog}
      className="confirm"
      aria-labelledby="confirm-title"
      onCancel={onCancel}
      onClick={(event) => event.target === dialog.current && onCancel()}
    >
      <div className="confirm-body">
        <h2 id="confirm-title">{title}</h2>
        <div className="confirm-text">{children}</div>
        <div className="confirm-actions">
          <Button look="outline" onClick={onCancel} autoFocus>
            Cancel
          </Button>
          <Button look="danger" onClick={onConfirm} disabled={busy}>
            {action}
          </Button>
        </div>
      </div>
    </dialog>
  );
}
