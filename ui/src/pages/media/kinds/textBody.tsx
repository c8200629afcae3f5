/** A text as it is shown: plain, as Markdown, as code with line numbers, or what differs from another one. */
import { useMemo, type ReactNode } from 'react';
import { Rendered } from '../../../parts/NoteText';
import { wordDiff, type DiffPart } from '../../../text/wordDiff';

/** In turns what does not match the search and what does. */
export type Parts = readonly string[];

export function Words({ parts }: { parts: Parts }): ReactNode {
  return parts.map((part, i) => (i % 2 === 1 ? <mark key={i}>{part}</mark> : part));
}

/** The parts of each line. */
export function linesOf(parts: Parts): Parts[] {
  const lines: string[][] = [['']];
  parts.forEach((part, i) =>
    part.split('\n').forEach((text, n) => {
      if (n > 0) lines.push(i % 2 === 0 ? [text] : ['', text]);
      else if (i > 0) lines.at(-1)?.push(text);
      else lines[0] = [text];
    }),
  );
  return lines;
}

function MarkedMarkdown({ parts }: { parts: Parts }): ReactNode {
  const marks = useMemo(() => parts.filter((_, i) => i % 2 === 1), [parts]);
  return <Rendered text={parts.join('')} marks={marks} />;
}

function Code({ parts }: { parts: Parts }): ReactNode {
  const lines = useMemo(() => linesOf(parts), [parts]);
  return (
    <pre className="media-code">
      {lines.map((line, i) => (
        <span key={i} className="media-line">
          <Words parts={line} />
          {'\n'}
        </span>
      ))}
    </pre>
  );
}

const DRAWN: Readonly<Record<string, (parts: Parts) => ReactNode>> = {
  markdown: (parts) => <MarkedMarkdown parts={parts} />,
  code: (parts) => <Code parts={parts} />,
};

export function TextInLook({ look, parts, cut }: { look: string; parts: Parts; cut: boolean }): ReactNode {
  return (
    <>
      {DRAWN[look]?.(parts) ?? (
        <p className="media-words">
          <bdi>
            <Words parts={parts} />
          </bdi>
        </p>
      )}
      {cut && <p className="count">…</p>}
    </>
  );
}

const TAGS = { added: 'ins', removed: 'del', same: 'span' } as const;

export function DiffWords({ parts }: { parts: readonly DiffPart[] }): ReactNode {
  return (
    <p className="media-words">
      <bdi>
        {parts.map(({ kind, text }, i) => {
          const Tag = TAGS[kind];
          return <Tag key={i}>{text}</Tag>;
        })}
      </bdi>
    </p>
  );
}

/** `base`: the text that it is compared with; null: there is none. */
export function DiffBody({ base, text }: { base: string | null; text: string }): ReactNode {
  const parts = useMemo(() => (base === null ? null : wordDiff(base, text)), [base, text]);
  if (parts !== null && parts.length === 1 && parts[0]?.kind === 'same') return <p className="count">No difference</p>;
  return parts === null ? <TextInLook look="plain" parts={[text]} cut={false} /> : <DiffWords parts={parts} />;
}
