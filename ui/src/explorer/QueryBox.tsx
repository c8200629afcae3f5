/**
 * The AimQL box: a plain text area over a colored copy of its text, so that undo, input methods and screen readers
 * work.
 */
import { itemAt } from '../text/lists';
import {
  useCallback,
  useEffect,
  useId,
  useLayoutEffect,
  useRef,
  useState,
  type KeyboardEvent,
  type ReactNode,
} from 'react';
import { useApi } from '../data/api';
import { countText } from '../text/format';
import { movedBy, unitsAt } from '../text/positions';
import { Button } from '../parts/design/controls';
import { Icon } from '../parts/design/Icon';
import { Menu } from '../parts/design/Menu';
import { useToast } from '../parts/design/Toast';
import { recentQueries } from '../parts/memory';
import type { Completion, CompletionItem, Problem } from '../wire';
import { pieces } from '../text/aimql';
import './panels.css';
import { SelectButton } from './SelectForm';

interface QueryBoxProps {
  /** The current query; the box follows outside changes. */
  query: string;
  problem: Problem | null;
  searching: boolean;
  /** The text before it in a whole statement, such as `* if ` before a condition on runs. */
  before?: string;
  /** Its label if there are several, and an example for it. */
  label?: string;
  placeholder?: string;
  /** It selects media rather than metrics. */
  media?: boolean;
  /** For a box inside a form: reports every change; there is no search. */
  onType?: (text: string) => void;
  onSearch: (query: string) => void;
  onCancel: () => void;
}

const CONDITION = 'A condition: hparams.lr < 0.01 and run.experiment == "first"';
const STATEMENT = 'Metrics, then a condition: loss, accuracy if hparams.lr < 0.01';
const CHECK_AFTER = 450;
const COMPLETE_AFTER = 70;
const SHOWN = 60;

function useProblem(
  text: string,
  query: string,
  problem: Problem | null,
  before: string,
  media: boolean,
): Problem | null {
  const { ask } = useApi();
  const [typed, setTyped] = useState<{ text: string; error: Problem | null }>({ text: '', error: null });
  useEffect(() => {
    if (text.trim() === '' || text === query) return undefined;
    const abort = new AbortController();
    const timer = window.setTimeout(() => {
      ask.check(before + text, abort.signal, media).then(
        ({ error }) => setTyped({ text, error: error && movedBy(error, -before.length) }),
        () => undefined,
      );
    }, CHECK_AFTER);
    return () => {
      window.clearTimeout(timer);
      abort.abort();
    };
  }, [ask, text, query, before, media]);
  if (text === query) return problem;
  return typed.text === text ? typed.error : null;
}

/** Not if the only offer equals the text, and not directly after a finished word. */
function wanted({ start, end, items }: Completion, text: string): boolean {
  if (start === end) return start === 0 || /[\s.,([=<>:]$/u.test(text.slice(0, start));
  return items.length > 1 || items[0]?.text !== text.slice(start, end);
}

/** The remaining offers while the word grows, until the server answers. An accepted offer must match the text. */
export function refined(offer: Completion, before: string, text: string, at: number): Completion | null {
  const { start, items } = offer;
  const end = Math.max(at, offer.end + text.length - before.length);
  if (at < start || text.slice(0, start) !== before.slice(0, start)) return null;
  const typed = text.slice(start, at).toLowerCase();
  const fitting = items.filter((item) => item.text.toLowerCase().startsWith(typed));
  return fitting.length > 0 ? { start, end, items: fitting, total: fitting.length } : null;
}

/** Of several boxes on a page, the one in the part with the focus; else the first. */
function searchedFirst(): Element | undefined {
  const boxes = [...document.querySelectorAll('form.query[role="search"] textarea')];
  return boxes.find((box) => box.closest('.page')?.contains(document.activeElement)) ?? boxes[0];
}

export function QueryBox(props: QueryBoxProps): ReactNode {
  const { ask } = useApi();
  const {
    query,
    problem,
    searching,
    before = '',
    label = 'AimQL query',
    placeholder,
    media = false,
    onType,
    onSearch,
    onCancel,
  } = props;
  const [text, setShown] = useState(query);
  const setText = (next: string): void => {
    setShown(next);
    onType?.(next);
  };
  const [options, setOptions] = useState<Completion | null>(null);
  const [chosen, setChosen] = useState(-1);
  const area = useRef<HTMLTextAreaElement>(null);
  const backdrop = useRef<HTMLDivElement>(null);
  const list = useRef<HTMLUListElement>(null);
  const message = useRef<HTMLParagraphElement>(null);
  const asked = useRef<AbortController | null>(null);
  const timer = useRef(0);
  const id = useId();
  const error = useProblem(text, query, problem, before, media);
  const items = options?.items.slice(0, SHOWN) ?? [];
  const open = items.length > 0;

  useEffect(() => setShown(query), [query]);

  const field = onType !== undefined;
  useEffect(() => {
    if (field) return undefined;
    const onSlash = (event: globalThis.KeyboardEvent): void => {
      const typing = event.target instanceof Element && event.target.matches('input, textarea, select');
      if (event.key !== '/' || typing || event.ctrlKey || event.metaKey || event.altKey) return;
      if (area.current !== searchedFirst()) return;
      event.preventDefault();
      area.current?.focus();
    };
    document.addEventListener('keydown', onSlash);
    return () => document.removeEventListener('keydown', onSlash);
  }, [field]);

  const close = useCallback(() => {
    window.clearTimeout(timer.current);
    asked.current?.abort();
    setOptions(null);
    setChosen(-1);
  }, []);

  const complete = useCallback(
    (value: string, at: number) => {
      window.clearTimeout(timer.current);
      asked.current?.abort();
      timer.current = window.setTimeout(() => {
        const abort = new AbortController();
        asked.current = abort;
        ask.complete(before + value, before.length + at, abort.signal, media).then(
          (statement) => {
            const offer = movedBy(statement, -before.length);
            setOptions(wanted(offer, value) ? offer : null);
            setChosen(-1);
          },
          () => undefined,
        );
      }, COMPLETE_AFTER);
    },
    [ask, before, media],
  );

  useLayoutEffect(() => {
    const element = area.current;
    if (!element) return;
    element.style.height = '0px';
    element.style.height = `${element.scrollHeight}px`;
  }, [text]);

  useLayoutEffect(() => {
    if (!open || !list.current || !backdrop.current) return;
    const box = backdrop.current.getBoundingClientRect();
    const at = backdrop.current.querySelector('[data-caret]')?.getBoundingClientRect() ?? box;
    const below = Math.max(at.bottom, message.current?.getBoundingClientRect().bottom ?? 0);
    list.current.style.left = `${Math.max(0, Math.min(at.left - box.left, box.width - list.current.offsetWidth))}px`;
    list.current.style.top = `${below - box.top + 8}px`;
  }, [open, options, error]);

  useEffect(() => {
    list.current?.querySelector('[aria-selected="true"]')?.scrollIntoView({ block: 'nearest' });
  }, [chosen]);

  const accept = (item: CompletionItem): void => {
    const element = area.current;
    if (!element || !options) return;
    element.focus();
    element.setSelectionRange(options.start, options.end);
    // The only way to insert text that keeps the browser's undo history.
    if (!document.execCommand('insertText', false, item.text)) {
      element.setRangeText(item.text, options.start, options.end, 'end');
      setText(element.value);
    }
    close();
  };

  const run = (value: string): void => {
    close();
    onSearch(value.trim());
  };

  const onKeyDown = (event: KeyboardEvent<HTMLTextAreaElement>): void => {
    if (event.nativeEvent.isComposing) return;
    if (event.key === 'Enter' && !event.shiftKey) {
      event.preventDefault();
      if (open && chosen >= 0) accept(itemAt(items, chosen));
      else run(text);
    } else if (open && (event.key === 'ArrowDown' || event.key === 'ArrowUp')) {
      event.preventDefault();
      const step = event.key === 'ArrowDown' ? 1 : -1;
      setChosen((chosen + step + items.length + (chosen < 0 && step < 0 ? 1 : 0)) % items.length);
    } else if (open && event.key === 'Tab' && !event.shiftKey) {
      event.preventDefault();
      accept(itemAt(items, Math.max(0, chosen)));
    } else if (event.key === 'Escape' && open) {
      event.preventDefault();
      close();
    } else if (event.key === ' ' && event.ctrlKey) {
      event.preventDefault();
      complete(text, event.currentTarget.selectionStart);
    }
  };

  const recent = recentQueries();
  return (
    <form
      className="query"
      role={field ? undefined : 'search'}
      onSubmit={(event) => {
        event.preventDefault();
        run(text);
      }}
    >
      <div className={`query-box ${error ? 'wrong' : ''}`}>
        <Icon name="search" />
        <div className="query-text">
          <div ref={backdrop} className="query-copy" aria-hidden="true">
            <Colored text={text} error={error} caret={options?.start ?? null} />
          </div>
          <textarea
            ref={area}
            rows={1}
            value={text}
            spellCheck={false}
            autoCapitalize="off"
            autoComplete="off"
            dir="auto"
            aria-label={label}
            aria-haspopup="listbox"
            aria-controls={open ? `${id}-list` : undefined}
            aria-autocomplete="list"
            aria-activedescendant={open && chosen >= 0 ? `${id}-${chosen}` : undefined}
            aria-invalid={error !== null}
            aria-describedby={error ? `${id}-error` : undefined}
            placeholder={placeholder ?? (before ? CONDITION : STATEMENT)}
            onChange={(event) => {
              const value = event.target.value.replace(/\n/g, ' ');
              const at = event.target.selectionStart;
              setText(value);
              setOptions(options && refined(options, text, value, at));
              setChosen(-1);
              complete(value, at);
            }}
            onKeyDown={onKeyDown}
            onClick={(event) => text === '' && complete('', event.currentTarget.selectionStart)}
            onBlur={close}
          />
          {open && (
            <ul
              ref={list}
              className="completions"
              id={`${id}-list`}
              role="listbox"
              aria-label="Completions"
              onMouseDown={(event) => event.preventDefault()}
            >
              {items.map((item, at) => (
                <li
                  key={`${item.kind} ${item.text}`}
                  id={`${id}-${at}`}
                  role="option"
                  aria-selected={at === chosen}
                  className="completion"
                  onClick={() => accept(item)}
                >
                  <span className={`completion-kind ${item.kind}`} aria-hidden="true">
                    {item.kind.charAt(0).toUpperCase()}
                  </span>
                  <span className="completion-text">
                    <bdi>{item.text}</bdi>
                  </span>
                  <span className="completion-detail">
                    <bdi>{item.detail || item.kind}</bdi>
                  </span>
                </li>
              ))}
              <li className="completions-keys" role="presentation">
                {options && options.total > items.length && (
                  <span>{`${countText(options.total - items.length)} more: type to find them`}</span>
                )}
                <kbd>Tab</kbd> completes{' '}
                {!field && (
                  <>
                    <kbd>Enter</kbd> searches
                  </>
                )}
              </li>
            </ul>
          )}
        </div>
        {!before && !media && <SelectButton statement={text} onChange={setText} onSearch={run} />}
        {text !== '' && !field && <CopyQuery text={text} />}
        {text !== '' && (
          <Button
            small
            icon="close"
            tip="Clear"
            onClick={() => {
              setText('');
              area.current?.focus();
            }}
          />
        )}
        {!before && !media && (
          <Menu
            small
            icon="clock"
            tip="Recent queries"
            label="Recent queries"
            end
            empty="Recent queries appear here."
            items={recent.map((item) => ({ label: item, onSelect: () => run(item) }))}
          />
        )}
        {field ? null : searching ? (
          <Button key="cancel" look="outline" onClick={onCancel}>
            Cancel
          </Button>
        ) : (
          <Button key="search" look="primary" type="submit">
            Search
          </Button>
        )}
      </div>
      {error && (
        <p ref={message} className="query-error" id={`${id}-error`} role="alert">
          <Icon name="alert" size={14} />
          <span>
            <bdi>{error.message}</bdi>
            {error.hint && (
              <>
                {' '}
                <span className="query-hint">
                  <bdi>{error.hint}</bdi>
                </span>
              </>
            )}
          </span>
        </p>
      )}
    </form>
  );
}

function CopyQuery({ text }: { text: string }): ReactNode {
  const toast = useToast();
  const copied = (): void => toast({ text: 'The query is copied.' });
  const refused = (): void => toast({ text: 'The browser does not allow copying here.', tone: 'danger' });
  return (
    <Button
      small
      icon="copy"
      tip="Copy the query"
      onClick={() => (navigator.clipboard ? navigator.clipboard.writeText(text).then(copied, refused) : refused())}
    />
  );
}

function Colored({ text, error, caret }: { text: string; error: Problem | null; caret: number | null }): ReactNode {
  const marked =
    error && error.start !== null && error.end !== null
      ? { start: unitsAt(text, error.start), end: unitsAt(text, error.end) }
      : null;
  let at = 0;
  const out: ReactNode[] = [];
  for (const [index, piece] of pieces(text, marked).entries()) {
    const end = at + piece.text.length;
    const className = `syntax-${piece.kind}${piece.wrong ? ' syntax-wrong' : ''}`;
    if (caret !== null && caret >= at && caret < end) {
      out.push(
        <span key={index} className={className}>
          {piece.text.slice(0, caret - at)}
          <span data-caret>{piece.text.slice(caret - at)}</span>
        </span>,
      );
    } else {
      out.push(
        <span key={index} className={className}>
          {piece.text}
        </span>,
      );
    }
    at = end;
  }
  if (caret !== null && caret >= at)
    out.push(
      <span key="caret" data-caret>
        {'\u200b'}
      </span>,
    );
  if (marked && marked.start >= text.length)
    out.push(
      <span key="end" className="syntax-wrong">
        {'\u00a0\u00a0'}
      </span>,
    );
  out.push('\u200b');
  return out;
}
