/**
 * Renders Markdown as elements: the text is parsed to a tree, and each node becomes an element. HTML in it stays text,
 * images become links, and links lead only to http, https, mailto or a place in this app.
 */
import type { Nodes, Parents } from 'mdast';
import { fromMarkdown } from 'mdast-util-from-markdown';
import { gfmFromMarkdown } from 'mdast-util-gfm';
import { gfm } from 'micromark-extension-gfm';
import { createContext, createElement, useContext, useMemo, type ReactNode } from 'react';

const LONGEST = 100_000;
const NONE: readonly string[] = [];

/** What is marked wherever it stands; at most so many different texts. */
const MOST_MARKS = 50;
const MarksContext = createContext<RegExp | null>(null);

function patternOf(marks: readonly string[]): RegExp | null {
  const words = [...new Set(marks)].filter(Boolean).slice(0, MOST_MARKS);
  const escaped = words.map((word) => word.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&'));
  return words.length > 0 ? new RegExp(`(${escaped.join('|')})`, 'u') : null;
}

function MarkedText({ text }: { text: string }): ReactNode {
  const pattern = useContext(MarksContext);
  return pattern ? text.split(pattern).map((part, i) => (i % 2 === 1 ? <mark key={i}>{part}</mark> : part)) : text;
}

export default function Markdown({ text, marks = NONE }: { text: string; marks?: readonly string[] }): ReactNode {
  const pattern = useMemo(() => patternOf(marks), [marks]);
  const tree = useMemo(
    () => fromMarkdown(text.slice(0, LONGEST), { extensions: [gfm()], mdastExtensions: [gfmFromMarkdown()] }),
    [text],
  );
  return (
    <MarksContext value={pattern}>
      <div className="markdown">{childrenOf(tree)}</div>
    </MarksContext>
  );
}

const childrenOf = (node: Parents): ReactNode[] => (node.children as Nodes[]).map((child, at) => draw(child, at));

const PLAIN: Partial<Record<Nodes['type'], string>> = {
  paragraph: 'p',
  blockquote: 'blockquote',
  emphasis: 'em',
  strong: 'strong',
  delete: 'del',
};

function draw(node: Nodes, key: number): ReactNode {
  const plain = PLAIN[node.type];
  if (plain && 'children' in node) return createElement(plain, { key }, childrenOf(node));
  switch (node.type) {
    case 'text':
    case 'html':
      return <MarkedText key={key} text={node.value} />;
    case 'inlineCode':
      return (
        <code key={key}>
          <MarkedText text={node.value} />
        </code>
      );
    case 'code':
      return (
        <pre key={key} tabIndex={0}>
          <code>
            <MarkedText text={node.value} />
          </code>
        </pre>
      );
    case 'break':
      return <br key={key} />;
    case 'thematicBreak':
      return <hr key={key} />;
    case 'heading':
      return createElement(`h${Math.min(6, node.depth + 2)}`, { key }, childrenOf(node));
    case 'link':
      return (
        <SafeLink key={key} to={node.url}>
          {childrenOf(node)}
        </SafeLink>
      );
    case 'image':
      return (
        <SafeLink key={key} to={node.url}>
          {node.alt || node.url}
        </SafeLink>
      );
    case 'list':
      return createElement(node.ordered ? 'ol' : 'ul', { key, start: node.start ?? undefined }, childrenOf(node));
    case 'listItem':
      return (
        <li key={key}>
          {typeof node.checked === 'boolean' && (
            <input type="checkbox" checked={node.checked} disabled aria-label={node.checked ? 'done' : 'to do'} />
          )}
          {childrenOf(node)}
        </li>
      );
    case 'table':
      return (
        <div key={key} className="plain-table" role="region" aria-label="Table" tabIndex={0}>
          <table>
            <tbody>
              {node.children.map((row, at) => (
                <tr key={at}>
                  {row.children.map((cell, column) =>
                    createElement(at === 0 ? 'th' : 'td', { key: column }, childrenOf(cell)),
                  )}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      );
    default:
      return 'children' in node ? <span key={key}>{childrenOf(node)}</span> : null;
  }
}

/** Relative addresses stay inside the app: they may not begin with a slash, which could be another host or page. */
export function safeAddress(to: string): string | null {
  const address = to.trim();
  if (/^(https?:\/\/|mailto:)/i.test(address)) return address;
  return /^[?#]/.test(address) ? address : null;
}

function SafeLink({ to, children }: { to: string; children: ReactNode }): ReactNode {
  const address = safeAddress(to);
  if (address === null) return <span title={to}>{children}</span>;
  return (
    <a href={address} rel="noopener noreferrer nofollow" target={/^[?#]/.test(address) ? undefined : '_blank'}>
      {children}
    </a>
  );
}
