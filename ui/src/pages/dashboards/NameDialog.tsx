/** Asks for the name of a dashboard. */
import { useState, type ReactNode } from 'react';
import { Dialog, Labeled } from '../../parts/Dialog';

interface NameDialogProps {
  title: string;
  name: string;
  onName: (name: string) => Promise<void>;
  onClose: () => void;
  children?: ReactNode;
}

export function NameDialog({ title, name, onName, onClose, children }: NameDialogProps): ReactNode {
  const [text, setText] = useState(name);
  return (
    <Dialog
      title={title}
      action="Save"
      disabled={text.trim() === ''}
      onSave={() => onName(text.trim())}
      onClose={onClose}
    >
      <Labeled label="Name">
        <input
          className="field"
          value={text}
          maxLength={200}
          autoFocus
          onFocus={(event) => event.target.select()}
          onChange={(event) => setText(event.target.value)}
        />
      </Labeled>
      {children}
    </Dialog>
  );
}
