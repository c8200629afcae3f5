/**
 * The output of a process, as its terminal would show it: colors and progress bars, followed to the end while it runs,
 * searchable, with copy and download. Only visible lines are in the document, and only a part of the output is held.
 */
import { itemAt } from '../text/lists';
import {
  memo,
  useCallback,
  useEffect,
  useLayoutEffect,
  useRef,
  useState,
  type CSSProperties,
  type ReactNode,
} from 'react';
import { Button } from './design/controls';
import { useToast } from './design/Toast';
import { download, fileName } from '../text/csv';
import { countText, exactDateText, plural } from '../text/format';
import { useViewport } from './virtual';
import { useFrame } from './useFrame';
import { recall, remember } from './memory';
import { messageOf } from '../data/error';
import { styleOf } from './output/style';
import { marked } from './output/marks';
import { lineAt, rowStarts } from './output/rows';
import { wholeText } from './output/saved';
import type { OutputSource } from './output/source';
import { textOfLine, type OutputLine } from './output/terminal';
import { useOutput } from './output/useOutput';
import { useOutputSearch, type TextSearch } from './output/useSearch';
import './output/output.css';

const ROW = 19;
const OVERSCAN = 30;
/** Within this many pixels of the end, the view follows. */
const NEAR = 4;
const AHEAD = 2000;

export function Output({
  source,
  title,
  live = false,
  empty,
  children,
}: {
  /** Keep the same object while it is about the same output. */
  source: OutputSource;
  /** The owner of the output: names the downloaded file, and the region for screen readers. */
  title: string;
  /** Whether more may come. */
  live?: boolean;
  /** Shown instead if nothing was printed. */
  empty?: ReactNode;
  /** More controls for the bar. */
  children?: ReactNode;
}): ReactNode {
  const scroller = useRef<HTMLDivElement>(null);
  const ruler = useRef<HTMLSpanElement>(null);
  const [following, setFollowing] = useState(true);
  const [wrap, setWrap] = useKept('output.wrap', false);
  const [times, setTimes] = useKept('output.times', false);
  const reading = useOutput(source, following);
  const { lines, atStart, atEnd } = reading;
  const none = reading.loaded && lines.length === 0 && atStart && !reading.problem;
  const viewport = useViewport(scroller, !(none && empty));
  const columns = wrap ? textColumns(viewport.width, ruler.current, times) : null;
  const starts = rowStarts(lines, columns);
  const height = itemAt(starts, lines.length) * ROW;
  const search = useOutputSearch(
    source,
    reading,
    () => lines[lineAt(starts, Math.floor(viewport.top / ROW))]?.time ?? 0,
  );
  const anchor = useAnchor(scroller, lines, starts, following);
  const scrolled = useRef(0);
  useLayoutEffect(() => {
    if (following) scroller.current?.scrollTo({ top: scroller.current.scrollHeight });
  }, [following, viewport.height]);

  useEffect(() => {
    if (viewport.height === 0 || !reading.loaded || reading.problem) return;
    if (viewport.top < AHEAD && !atStart) reading.older();
    else if (height - viewport.top - viewport.height < AHEAD && !atEnd) reading.newer();
  }, [viewport, height, atStart, atEnd, reading]);

  const onScroll = (): void => {
    const element = scroller.current;
    if (!element) return;
    anchor();
    const left = element.scrollHeight - element.scrollTop - element.clientHeight;
    const up = element.scrollTop < scrolled.current;
    scrolled.current = element.scrollTop;
    // More lines or less room also move the view away from the end; only scrolling up stops following.
    setFollowing((following) => (left <= NEAR && atEnd) || (following && !up));
  };
  const toEnd = (): void => {
    setFollowing(true);
    void reading.toEnd().then(() => scroller.current?.scrollTo({ top: scroller.current.scrollHeight }));
  };
  const toStart = (): void => {
    setFollowing(false);
    void reading.toStart().then(() => scroller.current?.scrollTo({ top: 0 }));
  };
  useShown(scroller, search.line, lines, starts, () => {
    anchor();
    setFollowing(false);
  });
  const keys = (event: React.KeyboardEvent): void => {
    const wide = event.ctrlKey || event.metaKey;
    if ((wide && event.key === 'f') || (!wide && event.key === '/')) search.focus();
    else if (event.key === 'End') toEnd();
    else if (event.key === 'Home') toStart();
    else return;
    event.preventDefault();
  };

  if (none && empty) return empty;
  const first = lineAt(starts, Math.floor(viewport.top / ROW) - OVERSCAN);
  const last = lineAt(starts, Math.ceil((viewport.top + viewport.height) / ROW) + OVERSCAN);
  return (
    <section className="output" aria-label={title}>
      <Bar
        source={source}
        title={title}
        search={search}
        lines={lines}
        wrap={wrap}
        onWrap={() => setWrap(!wrap)}
        times={times}
        onTimes={() => setTimes(!times)}
      >
        {children}
      </Bar>
      <div className="output-body">
        <div
          ref={scroller}
          className={`output-scroll${wrap ? ' wrap' : ''}${times ? ' times' : ''}`}
          role="log"
          aria-label={`${title}, output`}
          aria-live={following && live ? 'polite' : 'off'}
          aria-busy={!reading.loaded}
          tabIndex={0}
          onScroll={onScroll}
          onKeyDown={keys}
        >
          <span ref={ruler} className="output-ruler" aria-hidden="true">
            {'0'.repeat(100)}
          </span>
          <div className="output-sheet" style={{ height }}>
            <div className="output-lines" style={{ top: (starts[first] ?? 0) * ROW }}>
              {lines.slice(first, last + 1).map((line) => (
                <OutputRow
                  key={line.id}
                  line={line}
                  changes={line.changes}
                  word={search.word}
                  current={line === search.line}
                  times={times}
                />
              ))}
            </div>
          </div>
        </div>
        {!following && (
          <Button look="outline" small icon="down" onClick={toEnd}>
            {reading.news || (live && !atEnd) ? 'New output' : 'Go to the end'}
          </Button>
        )}
      </div>
      <p className="output-foot" role="status">
        {!reading.loaded && !reading.problem && 'Loading…'}
        {reading.problem && (
          <>
            <span className="warn">
              <bdi>{reading.problem}</bdi>
            </span>{' '}
            <Button small look="outline" icon="reset" onClick={reading.newer}>
              Try again
            </Button>
          </>
        )}
        {reading.loaded && !reading.problem && (
          <>
            {none
              ? 'No output here'
              : [
                  plural(lines.length, 'line'),
                  !atStart && 'older ones above',
                  !atEnd && 'newer ones below',
                  live && (following ? 'following' : 'not following'),
                ]
                  .filter(Boolean)
                  .join(' · ')}
          </>
        )}
      </p>
    </section>
  );
}

function useKept(name: string, fallback: boolean): [boolean, (value: boolean) => void] {
  const [value, setValue] = useState(() => recall(name, fallback));
  return [
    value,
    (next) => {
      setValue(next);
      remember(name, next);
    },
  ];
}

const MARGIN = 28;
const TIME_COLUMNS = 16;

function textColumns(width: number, ruler: HTMLElement | null, times: boolean): number | null {
  const digit = (ruler?.getBoundingClientRect().width ?? 0) / 100;
  if (digit === 0 || width === 0) return null;
  return Math.max(10, Math.floor((width - MARGIN) / digit) - (times ? TIME_COLUMNS : 0));
}

/**
 * Keeps the line at the top of the view in place when lines come and go above it; while following, keeps the end in
 * view.
 */
function useAnchor(
  scroller: React.RefObject<HTMLElement | null>,
  lines: readonly OutputLine[],
  starts: Float64Array,
  following: boolean,
): () => void {
  const place = useRef<{ id: number; below: number } | null>(null);
  const latest = useRef({ lines, starts });
  const read = useCallback(() => {
    const scrollTop = scroller.current?.scrollTop ?? 0;
    const { lines: shown, starts: rows } = latest.current;
    const at = lineAt(rows, Math.floor(scrollTop / ROW));
    const line = shown[at];
    place.current = line ? { id: line.id, below: scrollTop - itemAt(rows, at) * ROW } : null;
  }, [scroller]);
  useLayoutEffect(() => {
    latest.current = { lines, starts };
  });
  const rows = starts[lines.length];
  useLayoutEffect(() => {
    const element = scroller.current;
    if (!element) return;
    const kept = place.current;
    if (following) element.scrollTop = element.scrollHeight;
    else if (kept) {
      const at = lines.findIndex((line) => line.id >= kept.id);
      const top = (latest.current.starts[at] ?? 0) * ROW;
      if (at >= 0) element.scrollTop = top + (lines[at]?.id === kept.id ? kept.below : 0);
    }
    read();
  }, [scroller, lines, rows, following, read]);
  return read;
}

/** Scrolls a line to the middle of the view. */
function useShown(
  scroller: React.RefObject<HTMLElement | null>,
  line: OutputLine | null,
  lines: readonly OutputLine[],
  starts: Float64Array,
  moved: () => void,
): void {
  const latest = useRef({ lines, starts, moved });
  latest.current = { lines, starts, moved };
  const id = line?.id;
  useLayoutEffect(() => {
    const element = scroller.current;
    const { lines: all, starts: rows } = latest.current;
    const at = all.findIndex((item) => item.id === id);
    if (!element || id === undefined || at < 0) return;
    const top = itemAt(rows, at) * ROW;
    if (top < element.scrollTop + ROW || top > element.scrollTop + element.clientHeight - 3 * ROW)
      element.scrollTop = top - element.clientHeight / 2;
    latest.current.moved();
  }, [scroller, id]);
}

const STREAMS = { stdout: undefined, stderr: 'stderr', note: 'note' } as const;

const two = (value: number): string => String(value).padStart(2, '0');
function timeText(seconds: number): string {
  const at = new Date(seconds * 1000);
  const day = `${two(at.getMonth() + 1)}-${two(at.getDate())}`;
  return `${day} ${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`;
}

interface RowProps {
  line: OutputLine;
  /** A line is changed in place; this triggers a repaint. */
  changes: number;
  word: string;
  current: boolean;
  times: boolean;
}

const OutputRow = memo(function OutputRow({ line, word, current, times }: RowProps): ReactNode {
  const { theme } = useFrame();
  const classes = ['output-line', STREAMS[line.stream], current && 'current'].filter(Boolean).join(' ');
  return (
    <div
      className={classes}
      data-time={times ? timeText(line.time) : undefined}
      title={[STREAMS[line.stream], times && exactDateText(line.time)].filter(Boolean).join(', ') || undefined}
    >
      {marked(line, word).map(({ text, style: own, hit }, at) => {
        const style: CSSProperties | undefined = styleOf(own, theme);
        return hit ? (
          <mark key={at} style={style && { ...style, background: undefined, color: undefined }}>
            {text}
          </mark>
        ) : style ? (
          <span key={at} style={style}>
            {text}
          </span>
        ) : (
          text
        );
      })}
      {line.cut > 0 && <span className="output-cut">{` … ${countText(line.cut)} more characters`}</span>}
      {'\n'}
    </div>
  );
});

function Bar({
  source,
  title,
  search,
  lines,
  wrap,
  onWrap,
  times,
  onTimes,
  children,
}: {
  source: OutputSource;
  title: string;
  search: TextSearch;
  lines: readonly OutputLine[];
  wrap: boolean;
  onWrap: () => void;
  times: boolean;
  onTimes: () => void;
  children: ReactNode;
}): ReactNode {
  return (
    <div className="output-bar" role="toolbar" aria-label="Output">
      <Find search={search} />
      <span className="stretch" />
      {children}
      <Button small aria-pressed={wrap} active={wrap} onClick={onWrap}>
        Wrap
      </Button>
      <Button small icon="clock" aria-pressed={times} active={times} onClick={onTimes}>
        Times
      </Button>
      <Copy lines={lines} />
      <Download source={source} title={title} />
    </div>
  );
}

function Find({ search }: { search: TextSearch }): ReactNode {
  return (
    <span className="output-find" role="search">
      <input
        ref={search.field}
        className="field"
        type="search"
        value={search.text}
        placeholder="Find in the output"
        aria-label="Find in the output"
        onChange={(event) => search.setText(event.target.value)}
        onKeyDown={(event) => {
          if (event.key === 'Enter') search.go(event.shiftKey ? -1 : 1);
          else if (event.key === 'Escape') search.setText('');
          else return;
          event.preventDefault();
        }}
      />
      <Button small icon="up" tip="Previous" disabled={!search.found} onClick={() => search.go(-1)} />
      <Button small icon="down" tip="Next" disabled={!search.found} onClick={() => search.go(1)} />
      <span className="count" role="status">
        {search.says}
      </span>
    </span>
  );
}

function Copy({ lines }: { lines: readonly OutputLine[] }): ReactNode {
  const toast = useToast();
  const copy = (): void => {
    const text = lines.map((line) => `${textOfLine(line)}\n`).join('');
    const failed = (): void =>
      toast({ text: 'The browser does not allow copying here. Download the output instead.', tone: 'danger' });
    if (!navigator.clipboard) failed();
    else
      navigator.clipboard
        .writeText(text)
        .then(() => toast({ text: `Copied ${plural(lines.length, 'line')}.` }), failed);
  };
  return (
    <Button small icon="copy" tip="Copy the loaded lines" onClick={copy}>
      Copy
    </Button>
  );
}

function Download({ source, title }: { source: OutputSource; title: string }): ReactNode {
  const toast = useToast();
  const [busy, setBusy] = useState<AbortController | null>(null);
  useEffect(() => () => busy?.abort(), [busy]);
  const save = (): void => {
    const abort = new AbortController();
    setBusy(abort);
    wholeText(source, abort.signal)
      .then((text) => download(text, fileName(title, 'txt')))
      .catch((error: unknown) => !abort.signal.aborted && toast({ text: messageOf(error), tone: 'danger' }))
      .finally(() => setBusy(null));
  };
  return busy ? (
    <Button small icon="close" onClick={() => busy.abort()}>
      Cancel
    </Button>
  ) : (
    <Button small icon="download" tip="Everything as plain text" onClick={save}>
      Download
    </Button>
  );
}
