/** Two texts: what differs word by word, in one text or side by side. */
import { useEffect, useMemo, useRef, useState, type ReactNode } from 'react';
import { createPortal } from 'react-dom';
import { Button, Choice } from '../../../parts/design/controls';
import { Explained } from '../../../parts/states';
import { useKept } from '../../../parts/useKept';
import { wordDiff, type DiffPart } from '../../../text/wordDiff';
import type { MediaItem } from '../../../data/cells';
import type { PairProps } from '../kindRow';
import { DiffWords } from './textBody';

const LONGEST = 1_000_000;
type TextPairMode = 'together' | 'beside';
const MODES: readonly { value: TextPairMode; label: string }[] = [
  { value: 'together', label: 'In one text' },
  { value: 'beside', label: 'Side by side' },
];

function useWhole(item: MediaItem): ReturnType<typeof useKept<string>> {
  return useKept(
    `whole ${item.key}`,
    async ({ ask }, signal) => (await ask.text(item.run.id, item.blob, '', LONGEST, signal)).parts.join(''),
    (text) => 2 * text.length,
  );
}

export function CompareTexts({ pair: [first, second], titleOf, onClose }: PairProps): ReactNode {
  const dialog = useRef<HTMLDialogElement>(null);
  const [mode, setMode] = useState<TextPairMode>('together');
  useEffect(() => dialog.current?.showModal(), []);
  const [before, after] = [useWhole(first), useWhole(second)];
  const problem = before.problem ?? after.problem;
  return createPortal(
    <dialog ref={dialog} className="lightbox" aria-label="Compare two texts" onClose={onClose}>
      <div className="lightbox-head">
        <Choice label="How to compare" value={mode} options={MODES} onChange={setMode} />
        <span className="stretch" />
        <Button small icon="close" tip="Close" autoFocus onClick={() => dialog.current?.close()} />
      </div>
      {problem ? (
        <Explained problem={problem} />
      ) : before.data === null || after.data === null ? (
        <div className="lightbox-text skeleton" role="status" aria-label="Loading" />
      ) : (
        <TextPair before={before.data} after={after.data} mode={mode} titles={[titleOf(first), titleOf(second)]} />
      )}
    </dialog>,
    document.body,
  );
}

function TextPair({
  before,
  after,
  mode,
  titles,
}: {
  before: string;
  after: string;
  mode: TextPairMode;
  titles: readonly [string, string];
}): ReactNode {
  const diff = useMemo(() => wordDiff(before, after), [before, after]);
  const [left, right] = sidesOf(diff, before, after);
  const panes =
    mode === 'together' && diff !== null
      ? [{ title: `from ${titles[0]} to ${titles[1]}`, parts: diff }]
      : [
          { title: titles[0], parts: left },
          { title: titles[1], parts: right },
        ];
  return (
    <>
      {diff === null && <p className="compare-says">These texts differ too much, or are too long, to mark words.</p>}
      {before === after && <p className="compare-says">Both texts are the same.</p>}
      <div className="compare-stages">
        {panes.map(({ title, parts }) => (
          <figure key={title}>
            <figcaption>
              <bdi>{title}</bdi>
            </figcaption>
            <div className="lightbox-text" tabIndex={0} role="group" aria-label={title}>
              <DiffWords parts={parts} />
            </div>
          </figure>
        ))}
      </div>
    </>
  );
}

function sidesOf(
  diff: readonly DiffPart[] | null,
  before: string,
  after: string,
): [readonly DiffPart[], readonly DiffPart[]] {
  if (diff === null) return [[{ kind: 'same', text: before }], [{ kind: 'same', text: after }]];
  return [diff.filter(({ kind }) => kind !== 'added'), diff.filter(({ kind }) => kind !== 'removed')];
}
