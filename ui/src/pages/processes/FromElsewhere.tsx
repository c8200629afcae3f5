/** Marks queues and templates that came with the repository: nothing of them starts before a person has read the command. */
import type { ReactNode } from 'react';
import { Icon } from '../../parts/design/Icon';

export function FromElsewhere({ children }: { children?: ReactNode }): ReactNode {
  return (
    <div className="banner warn" role="note">
      <Icon name="alert" />
      <div>
        <p>
          <strong>From elsewhere.</strong> You did not create this on this machine; it came with the repository. Start
          only commands that you understand.
        </p>
        {children}
      </div>
    </div>
  );
}

/** The word for a list. */
export function ElsewhereMark(): ReactNode {
  return (
    <span className="quiet elsewhere" title="Not created by you on this machine. Read the command before you start it.">
      {' '}
      · from elsewhere
    </span>
  );
}
