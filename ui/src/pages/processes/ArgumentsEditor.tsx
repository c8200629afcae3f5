/**
 * Edits the command's arguments one by one. A pasted line is split into arguments once, visibly; after that, a space is
 * part of its argument.
 */
import { useEffect, useRef, useState, type ClipboardEvent, type KeyboardEvent, type ReactNode } from 'react';
import { Button } from '../../parts/design/controls';
import { Icon } from '../../parts/design/Icon';
import { asParameter, commandLine, everyValue, paste, pieces, type NamedArgument } from './words';

interface EditorProps {
  argv: readonly string[];
  onChange: (argv: readonly string[]) => void;
  /** An argument's value became a parameter. */
  onName: (named: NamedArgument) => void;
  /** `NAME=value` before a pasted command. */
  onEnv: (env: Readonly<Record<string, string>>) => void;
}

export function ArgumentsEditor({ argv, onChange, onName, onEnv }: EditorProps): ReactNode {
  const [line, setLine] = useState<string | null>(argv.length === 0 ? '' : null);
  const [notes, setNotes] = useState<readonly string[]>([]);
  const list = useRef<HTMLOListElement>(null);
  const [focus, setFocus] = useState<number | null>(null);
  useEffect(() => {
    if (focus === null) return;
    const input = list.current?.querySelectorAll('input')[focus];
    input?.focus();
    setFocus(null);
  }, [focus]);

  const cut = (text: string, into: readonly string[], at: number, instead: number): void => {
    const pasted = paste(text);
    onChange([...into.slice(0, at), ...pasted.argv, ...into.slice(at + instead)]);
    if (Object.keys(pasted.env).length > 0) onEnv(pasted.env);
    setNotes(pasted.notes);
    setLine(null);
    setFocus(Math.max(0, at + pasted.argv.length - 1));
  };

  if (line !== null)
    return (
      <LineEditor
        text={line}
        onChange={setLine}
        onCut={() => cut(line, [], 0, 0)}
        onBack={argv.length > 0 ? () => setLine(null) : null}
      />
    );
  const every = everyValue(argv);
  const put = (at: number, text: string): void =>
    onChange(argv.map((argument, index) => (index === at ? text : argument)));
  const add = (at: number): void => {
    onChange([...argv.slice(0, at), '', ...argv.slice(at)]);
    setFocus(at);
  };
  const remove = (at: number): void => {
    onChange(argv.filter((_, index) => index !== at));
    setFocus(Math.max(0, at - 1));
  };
  return (
    <div className="arguments-editor">
      <ol ref={list} className="argument-list" aria-label="Arguments">
        {argv.map((argument, at) => (
          <ArgumentInput
            key={at}
            at={at}
            text={argument}
            named={asParameter(argv, at)}
            onChange={(text) => put(at, text)}
            onCut={(text) => cut(text, argv, at, 1)}
            onAdd={() => add(at + 1)}
            onRemove={() => remove(at)}
            onMove={(step) => setFocus(Math.min(argv.length - 1, Math.max(0, at + step)))}
            onName={onName}
          />
        ))}
        <li>
          <Button small icon="plus" onClick={() => add(argv.length)}>
            Argument
          </Button>
        </li>
      </ol>
      <p className="editor-foot">
        <Button small icon="pencil" onClick={() => setLine(commandLine(argv))}>
          Edit as one line
        </Button>
        {every.length > 0 && (
          <Button small icon="tag" onClick={() => every.forEach(onName)}>
            Turn all values into parameters
          </Button>
        )}
        <span className="quiet">
          Each box is one argument. Write {'{name}'} for a parameter, or turn a value into one with{' '}
          <Icon name="tag" size={12} />.
        </span>
      </p>
      {notes.length > 0 && (
        <p className="editor-note" role="status">
          <Icon name="alert" size={14} />
          <span>
            No shell is used, so {notes.join(' and ')} does not work here. These characters are passed to the program as
            they are.
          </span>
        </p>
      )}
    </div>
  );
}

function LineEditor({
  text,
  onChange,
  onCut,
  onBack,
}: {
  text: string;
  onChange: (text: string) => void;
  onCut: () => void;
  onBack: (() => void) | null;
}): ReactNode {
  return (
    <div className="line-editor">
      <textarea
        className="field area mono"
        aria-label="Command line"
        autoFocus
        placeholder="python train.py --lr 0.1 --seed 1"
        value={text}
        rows={2}
        spellCheck={false}
        onChange={(event) => onChange(event.target.value)}
        onKeyDown={(event) => {
          if (event.key !== 'Enter' || event.shiftKey || event.nativeEvent.isComposing || text.trim() === '') return;
          event.preventDefault();
          onCut();
        }}
      />
      <p className="editor-foot">
        <Button small look="outline" disabled={text.trim() === ''} onClick={onCut}>
          Split into arguments
        </Button>
        {onBack && (
          <Button small onClick={onBack}>
            Back
          </Button>
        )}
        <span className="quiet">
          Quotes keep words together. Other shell features do not work: no pipes, wildcards or variables.
        </span>
      </p>
    </div>
  );
}

function ArgumentInput({
  at,
  text,
  named,
  onChange,
  onCut,
  onAdd,
  onRemove,
  onMove,
  onName,
}: {
  at: number;
  text: string;
  named: NamedArgument | null;
  onChange: (text: string) => void;
  onCut: (text: string) => void;
  onAdd: () => void;
  onRemove: () => void;
  onMove: (step: number) => void;
  onName: (named: NamedArgument) => void;
}): ReactNode {
  const onKeyDown = (event: KeyboardEvent<HTMLInputElement>): void => {
    const { selectionStart, selectionEnd, value } = event.currentTarget;
    if (event.nativeEvent.isComposing) return;
    if (event.key === 'Enter') {
      event.preventDefault();
      onAdd();
    } else if (event.key === 'Backspace' && value === '') {
      event.preventDefault();
      onRemove();
    } else if (event.key === 'ArrowLeft' && selectionEnd === 0) {
      event.preventDefault();
      onMove(-1);
    } else if (event.key === 'ArrowRight' && selectionStart === value.length) {
      event.preventDefault();
      onMove(1);
    }
  };
  const onPaste = (event: ClipboardEvent<HTMLInputElement>): void => {
    const pasted = event.clipboardData.getData('text');
    if (text !== '' || paste(pasted).argv.length < 2) return;
    event.preventDefault();
    onCut(pasted);
  };
  const place = pieces(text).some(({ name }) => name !== null);
  return (
    <li className={`argument edited ${place ? 'with-place' : ''}`}>
      <input
        aria-label={at === 0 ? 'Program' : `Argument ${at}`}
        className="mono"
        value={text}
        size={Math.max(2, Math.min(60, text.length + 1))}
        placeholder={at === 0 ? 'program' : 'empty'}
        spellCheck={false}
        autoCapitalize="off"
        autoComplete="off"
        onChange={(event) => onChange(event.target.value)}
        onKeyDown={onKeyDown}
        onPaste={onPaste}
      />
      {named && <Button small icon="tag" tip={`Turn into the parameter ${named.name}`} onClick={() => onName(named)} />}
      <Button small icon="close" tip="Remove this argument" onClick={onRemove} />
    </li>
  );
}
