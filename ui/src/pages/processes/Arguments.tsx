/** The arguments of a program, each as one token, so that their boundaries are visible. */
import type { ReactNode } from 'react';
import { CopyButton } from '../../parts/states';
import { changes, type ArgumentChange } from './diff';
import { commandLine, pieces } from './words';

export function Arguments({
  argv,
  was = null,
  template = false,
  label,
}: {
  argv: readonly string[];
  /** The previous arguments; removed and added ones are marked. */
  was?: readonly string[] | null;
  /** The arguments contain placeholders. */
  template?: boolean;
  label: string;
}): ReactNode {
  const shown: readonly ArgumentChange[] = was ? changes(was, argv) : argv.map((text) => ({ text, kind: 'same' }));
  return (
    <div className="arguments">
      <ol className="argument-list" aria-label={label}>
        {shown.map((change, at) => (
          <Argument key={at} {...change} template={template} />
        ))}
      </ol>
      <CopyButton text={commandLine(argv)} what="command" />
    </div>
  );
}

const SAYS = { same: '', out: 'taken out: ', in: 'put in: ' } as const;

function Argument({ text, kind, template }: ArgumentChange & { template: boolean }): ReactNode {
  const parts = template ? pieces(text) : [{ text, name: null }];
  const shown =
    text === '' ? (
      <span className="quiet">empty</span>
    ) : (
      parts.map((part, at) => (
        <bdi key={at} className={part.name === null ? undefined : 'place'}>
          {visible(part.text)}
        </bdi>
      ))
    );
  return (
    <li className={`argument ${kind}`}>
      {kind !== 'same' && <span className="hidden-text">{SAYS[kind]}</span>}
      {kind === 'out' ? (
        <del>
          <code>{shown}</code>
        </del>
      ) : (
        <code>{shown}</code>
      )}
    </li>
  );
}

/** Characters that would be invisible in a token. */
const visible = (text: string): string =>
  text.replace(
    /[\u0000-\u001f\u007f]/g,
    (letter) => SIGNS[letter] ?? String.fromCharCode(0x2400 + letter.charCodeAt(0)),
  );
const SIGNS: Readonly<Record<string, string>> = { '\n': '↵', '\t': '⇥', '\u007f': '␡' };

/** A command on one line: the program without its folder, cut if there is no room. */
export function CommandText({ argv }: { argv: readonly string[] }): ReactNode {
  const [program = '', ...rest] = argv;
  const short = program.slice(program.lastIndexOf('/') + 1) || program;
  return (
    <code className="command-text" title={commandLine(argv)}>
      <bdi>{visible(commandLine([short, ...rest]))}</bdi>
    </code>
  );
}
