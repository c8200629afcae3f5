/** A page of HTML in a frame that cannot call this page and loads nothing from a network. */
import { useState, type ReactNode } from 'react';
import { useApi } from '../../data/api';
import type { Run } from '../../wire';
import { Button } from '../design/controls';
import './media.css';

interface HtmlProps {
  run: Pick<Run, 'id'>;
  blob: string;
  label: string;
}

/** Without scripts, and for the eye alone if it is a `preview`. */
export function StaticHtml({ run, blob, label, preview = false }: HtmlProps & { preview?: boolean }): ReactNode {
  const { pageAddress } = useApi();
  return (
    <iframe
      src={pageAddress(run.id, blob, false)}
      sandbox=""
      title={label}
      loading="lazy"
      referrerPolicy="no-referrer"
      tabIndex={preview ? -1 : undefined}
      aria-hidden={preview || undefined}
    />
  );
}

/** Its scripts run when a person asks for it. */
export function HtmlFrame(of: HtmlProps): ReactNode {
  const { pageAddress } = useApi();
  const [scripts, setScripts] = useState(false);
  return (
    <>
      <div className="html-frame">
        {scripts ? (
          <iframe
            src={pageAddress(of.run.id, of.blob, true)}
            sandbox="allow-scripts"
            title={of.label}
            referrerPolicy="no-referrer"
          />
        ) : (
          <StaticHtml {...of} />
        )}
      </div>
      <div className="html-bar">
        <Button look="outline" onClick={() => setScripts(!scripts)}>
          {scripts ? 'Stop scripts' : 'Run scripts'}
        </Button>
        <span className="count">
          {scripts ? 'Scripts of this page run. They cannot reach Aim.' : 'Scripts of this page are off.'}
        </span>
      </div>
    </>
  );
}
