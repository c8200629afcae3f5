/** Where nothing can be started: why that is, and what to do about it. */
import type { ReactNode } from 'react';
import { Icon } from '../../parts/design/Icon';
import { CopyButton } from '../../parts/states';
import type { LaunchStatus } from '../../wire';
import { Card } from '../../parts/Sheet';

const COMMAND = 'aim up --allow-run';
const TERMINAL = 'aim run -- python train.py --lr 0.1\naim ps\naim stop RUN';

export function Off({ status: { reason, how } }: { status: LaunchStatus }): ReactNode {
  return (
    <section className="off" aria-label="Starting is off">
      <p className="off-why">
        <Icon name="lock" size={18} />
        <span>
          <strong>Nothing can be started or stopped from this page.</strong> {reason && <bdi>{reason}</bdi>}
        </span>
      </p>
      <div className="cards">
        {how !== null && (
          <Card title="Turn it on">
            <p>On the machine that shall train:</p>
            <Script text={how || COMMAND} what="command" />
            <p>
              It prints an address with a token. Open that one: from then on every request to this server needs the
              token.
            </p>
          </Card>
        )}
        <Card title="Why it is off">
          <ul className="off-list">
            <li>
              Whoever can start a process here can do on that machine what you can do. Nobody should get that by
              accident.
            </li>
            <li>The token keeps out other users of the machine, and other pages in your own browser.</li>
            <li>It stays off where the repository can only be read, and on addresses that other machines can reach.</li>
          </ul>
        </Card>
        <Card title="What it gives you">
          <ul className="off-list">
            <li>Again, with this changed: the command of any run becomes a form.</li>
            <li>Several values at once become a queue, which stops early what leads nowhere.</li>
            <li>A button that stops a command with everything it started.</li>
          </ul>
        </Card>
        <Card title="Without this page">
          <p>The command line does the same, with no server at all:</p>
          <Script text={TERMINAL} what="commands" />
          <p>What is started there is listed here as well, with its output, CPU and memory.</p>
        </Card>
      </div>
    </section>
  );
}

function Script({ text, what }: { text: string; what: string }): ReactNode {
  return (
    <div className="script">
      <pre tabIndex={0} aria-label={what === 'command' ? 'Command that turns it on' : 'Commands in a terminal'}>
        <code>{text}</code>
      </pre>
      <CopyButton text={text} what={what} />
    </div>
  );
}
