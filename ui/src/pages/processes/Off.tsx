/** Where nothing can be started: why that is, and what to do about it. */
import type { ReactNode } from 'react';
import { Icon } from '../../design/Icon';
import { CopyButton } from '../../explorer/states';
import { Card } from '../parts/Sheet';

const COMMAND = 'aim up --allow-run';

export function Off({ reason }: { reason: string | null }): ReactNode {
  return (
    <div className="off">
      <p className="off-why">
        <Icon name="lock" size={18} />
        <span>
          <strong>Starting runs from this page is off.</strong> <bdi>{reason}</bdi>
        </span>
      </p>
      <div className="cards">
        <Card title="Turn it on">
          <p>On the machine that shall train, in the folder of the project:</p>
          <div className="script">
            <pre tabIndex={0} aria-label="Command">
              <code>{COMMAND}</code>
            </pre>
            <CopyButton text={COMMAND} what="command" />
          </div>
          <p>
            It prints an address with a token. Open that one: from then on every page of this server asks for the token. If a server of this
            project runs already, add <code>--restart</code>.
          </p>
        </Card>
        <Card title="Why it is off">
          <ul className="off-list">
            <li>Who can start a process here can do whatever you can do on that machine, so nobody gets this by accident.</li>
            <li>With the token, other users of the machine and other pages in your browser cannot use it.</li>
            <li>It stays off for repositories that may only be read, and on addresses that other machines can reach.</li>
          </ul>
        </Card>
        <Card title="What it gives you">
          <ul className="off-list">
            <li>Run again with this changed: the command of any run becomes a form.</li>
            <li>Several values at once become a queue, which stops what does not get better.</li>
            <li>Output, CPU and memory of what runs now, and a button that stops it with all its children.</li>
          </ul>
        </Card>
        <Card title="Without the page">
          <p>The command line does the same without any server:</p>
          <div className="script">
            <pre tabIndex={0} aria-label="Commands">
              <code>{'aim run -- python train.py --lr 0.1\naim ps\naim stop RUN'}</code>
            </pre>
          </div>
          <p>What is started so is listed below as well.</p>
        </Card>
      </div>
    </div>
  );
}
