/** Shown if nothing can be started: the reason, and what to do about it. */
import type { ReactNode } from 'react';
import { Icon } from '../../parts/design/Icon';
import { CopyButton } from '../../parts/states';
import type { LaunchStatus } from '../../wire';
import { Card } from '../../parts/Sheet';

const COMMAND = 'aim up --allow-run';
const TERMINAL = 'aim run -- python train.py --lr 0.1\naim ps\naim stop RUN';

export function Off({ status: { reason, how } }: { status: LaunchStatus }): ReactNode {
  return (
    <section className="off" aria-label="Starting commands is off">
      <p className="off-why">
        <Icon name="lock" size={18} />
        <span>
          <strong>Starting and stopping commands is turned off.</strong> {reason && <bdi>{reason}</bdi>}
        </span>
      </p>
      <div className="cards">
        {how !== null && (
          <Card title="Turn on">
            <p>On the machine that runs the trainings:</p>
            <Script text={how || COMMAND} what="command" />
            <p>Open the printed address, which contains a token. Every request to this server then needs the token.</p>
          </Card>
        )}
        <Card title="Why it is off">
          <ul className="off-list">
            <li>
              Anyone who can start commands here can do everything that you can do on that machine, so it must be turned
              on accident.
            </li>
            <li>The token keeps out other users of the machine and other pages in your browser.</li>
            <li>It stays off for read-only repositories and on network addresses.</li>
          </ul>
        </Card>
        <Card title="What you get">
          <ul className="off-list">
            <li>Re-run and sweep: the command of any run becomes a form.</li>
            <li>Several values at once become a queue that stops weak trials early.</li>
            <li>A button that stops a command and all of its child processes.</li>
          </ul>
        </Card>
        <Card title="Without this page">
          <p>The command line does the same, without a server:</p>
          <Script text={TERMINAL} what="commands" />
          <p>Commands started there are listed here too, with output, CPU and memory.</p>
        </Card>
      </div>
    </section>
  );
}

function Script({ text, what }: { text: string; what: string }): ReactNode {
  return (
    <div className="script">
      <pre tabIndex={0} aria-label={what === 'command' ? 'Command that turns on starting' : 'Commands in a terminal'}>
        <code>{text}</code>
      </pre>
      <CopyButton text={text} what={what} />
    </div>
  );
}
