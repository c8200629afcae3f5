/** The params as a tree, searchable by name or value; each path can be copied in AimQL spelling. */
import { useDeferredValue, useState, type ReactNode } from 'react';
import { FindField } from '../../parts/design/FindField';
import { textOf } from '../../data/result';
import { Button } from '../../parts/design/controls';
import { useToast } from '../../parts/design/Toast';
import { countText, plural } from '../../text/format';
import { Notice } from '../../parts/states';
import { paramWord } from '../../text/words';
import { isBranch, leavesOf } from '../../text/leaves';

type Tree = Record<string, unknown>;

/** The part of a tree whose paths or values contain the word; everything below a matching name stays. */
function pruned(tree: Tree, word: string): Tree {
  const kept: [string, unknown][] = [];
  for (const [name, value] of Object.entries(tree)) {
    if (name.toLowerCase().includes(word)) kept.push([name, value]);
    else if (isBranch(value)) {
      const below = pruned(value, word);
      if (Object.keys(below).length) kept.push([name, below]);
    } else if (textOf(value).toLowerCase().includes(word)) kept.push([name, value]);
  }
  return Object.fromEntries(kept);
}

/** `form` adds more params. */
export function Params({ params, form }: { params: Tree; form: ReactNode }): ReactNode {
  const [find, setFind] = useState('');
  const word = useDeferredValue(find).trim().toLowerCase();
  const all = leavesOf(params).length;
  if (all === 0)
    return (
      <Notice title="No params">
        <p>
          <code>run['hparams'] = {'{"lr": 0.01}'}</code> records them: nested dicts, lists, dataclasses and more.
        </p>
        {form}
      </Notice>
    );
  const shown = word ? pruned(params, word) : params;
  const count = leavesOf(shown).length;
  return (
    <>
      <p className="table-find">
        <FindField label="Find a param or a value" value={find} onFind={setFind} />
        <span className="count">{word ? `${countText(count)} of ${plural(all, 'param')}` : plural(all, 'param')}</span>
        {form}
      </p>
      {count === 0 ? (
        <p className="quiet">
          No param contains “<bdi>{find}</bdi>”.
        </p>
      ) : (
        <div className="card params">
          <ParamBranch tree={shown} path={[]} />
        </div>
      )}
    </>
  );
}

function ParamBranch({ tree, path }: { tree: Tree; path: readonly string[] }): ReactNode {
  return (
    <ul className="param-tree">
      {Object.entries(tree).map(([name, value]) => {
        const own = [...path, name];
        return (
          <li key={name}>
            {isBranch(value) ? (
              <details open>
                <summary>
                  <bdi>{name}</bdi>
                  <span className="count">{leavesOf(value).length}</span>
                </summary>
                <ParamBranch tree={value} path={own} />
              </details>
            ) : (
              <div className="param">
                <span className="param-name">
                  <bdi>{name}</bdi>
                </span>
                <code className={`param-value ${typeof value}`}>
                  <bdi>{typeof value === 'string' ? value : textOf(value)}</bdi>
                </code>
                <CopyPath path={own} />
              </div>
            )}
          </li>
        );
      })}
    </ul>
  );
}

function CopyPath({ path }: { path: readonly string[] }): ReactNode {
  const toast = useToast();
  const text = paramWord(path);
  const copy = (): void => {
    if (!navigator.clipboard) {
      toast({ text: `In queries: ${text}` });
      return;
    }
    navigator.clipboard.writeText(text).then(
      () => toast({ text: `Copied: ${text}` }),
      () => toast({ text: `In queries: ${text}` }),
    );
  };
  return <Button small icon="copy" tip="Copy for a query" aria-label={`Copy ${text} for a query`} onClick={copy} />;
}
