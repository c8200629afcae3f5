/** Uncommitted changes, file by file. */
import { useMemo, useState, type ReactNode } from 'react';
import { Button } from '../../parts/design/controls';
import { countText, plural } from '../../text/format';
import { parseDiff, type DiffFile } from './diff';

const OPEN_BELOW = 60;
const AT_ONCE = 500;

export function Diff({ text, cut }: { text: string; cut: string | null }): ReactNode {
  const files = useMemo(() => parseDiff(text), [text]);
  const few = files.reduce((sum, file) => sum + file.lines.length, 0) <= OPEN_BELOW;
  return (
    <div className="diff">
      {files.map((file, at) => (
        <File key={`${at} ${file.name}`} file={file} open={few} />
      ))}
      {cut && (
        <p className="quiet">
          <bdi>{cut}</bdi>
        </p>
      )}
    </div>
  );
}

function File({ file, open }: { file: DiffFile; open: boolean }): ReactNode {
  const [shown, setShown] = useState(AT_ONCE);
  const [wanted, setWanted] = useState(open);
  return (
    <details className="diff-file" open={open} onToggle={(event) => setWanted(event.currentTarget.open)}>
      <summary>
        <code>
          <bdi>{file.name || 'changes'}</bdi>
        </code>
        <span className="diff-count">
          <span className="added">{`+${countText(file.added)}`}</span>{' '}
          <span className="removed">{`−${countText(file.removed)}`}</span>
        </span>
      </summary>
      {wanted && (
        <pre tabIndex={0} aria-label={`Changes of ${file.name}`}>
          {file.lines.slice(0, shown).map((line, at) => (
            <span key={at} className={`diff-line ${line.kind}`}>
              {line.text}
              {'\n'}
            </span>
          ))}
        </pre>
      )}
      {wanted && file.lines.length > shown && (
        <Button small look="outline" onClick={() => setShown(Infinity)}>
          {`Show all ${plural(file.lines.length, 'line')}`}
        </Button>
      )}
    </details>
  );
}
