/** Pictures of all runs that a query selects, in rows and columns. */
import { useState, type ReactNode } from 'react';
import { CELLS, type MediaResult } from '../../data/cells';
import { QueryBox } from '../../explorer/QueryBox';
import { SearchLine } from '../../explorer/SearchLine';
import { AnswerNotes } from '../../explorer/states';
import { Unanswered } from '../../explorer/Unanswered';
import { useView, ViewContext } from '../../explorer/view/useView';
import { DEFAULT_VIEW } from '../../explorer/view/view';
import { viewInAddress } from '../../explorer/view/viewInAddress';
import { BookmarkButton } from '../../parts/BookmarkButton';
import { Boundary } from '../../parts/design/Boundary';
import { Button } from '../../parts/design/controls';
import { Notice } from '../../parts/states';
import { useTitle } from '../../parts/useFrame';
import { useSearcher } from '../../parts/useSearcher';
import { countText, durationText, plural } from '../../text/format';
import { MediaExplorer } from './MediaExplorer';
import { useMediaAddress } from './useMediaAddress';
import '../../parts/parts.css';
import './media.css';

const CODE = 'run.track(aim.Image(pixels, caption="a digit"), name="samples", step=step)';
const PLACEHOLDER = 'Names of images, then a condition: samples if hparams.lr < 0.01 and images.step > 100';

export default function MediaPage(): ReactNode {
  const [store] = useState(() => viewInAddress({ ...DEFAULT_VIEW, q: '' }));
  return (
    <ViewContext value={store}>
      <MediaSearch />
    </ViewContext>
  );
}

function MediaSearch(): ReactNode {
  const [view, changeView] = useView();
  const [address, change] = useMediaAddress();
  const q = view.q ?? '';
  useTitle(q || 'Media');
  const { lo, hi, low, high, steps } = address;
  const [search, searcher] = useSearcher(CELLS, { q, kind: 'image', lo, hi, low_index: low, high_index: high, steps });
  const onSearch = (text: string): void => (text === q ? searcher.again() : changeView({ q: text }));
  const { result } = search;
  return (
    <>
      <h1 className="hidden-text">Media</h1>
      <div className="query-row">
        <div className="query-line">
          <QueryBox
            query={q}
            problem={search.problem?.start === null ? null : search.problem}
            searching={search.phase === 'loading'}
            label="Query of images"
            placeholder={PLACEHOLDER}
            media
            onSearch={onSearch}
            onCancel={() => searcher.cancel()}
          />
          <BookmarkButton />
        </div>
        <SearchLine search={search} of="images">
          {result && <MediaSummary phase={search.phase} result={result} />}
        </SearchLine>
      </div>
      <Boundary resetOn={result}>
        {result && result.matched > 0 && search.phase !== 'failed' ? (
          <MediaExplorer result={result} address={address} change={change} />
        ) : (
          <Unanswered search={search} of="images" again={() => searcher.again()}>
            <NoMedia result={result} q={q} onSearch={onSearch} />
          </Unanswered>
        )}
      </Boundary>
    </>
  );
}

function MediaSummary({ phase, result }: { phase: string; result: MediaResult }): ReactNode {
  if (phase !== 'done' || result.matched === 0) return null;
  const { items, inside, matched, steps, stepsFound, runs, seconds } = result;
  const shown =
    items.length < matched ? `${countText(items.length)} of ${plural(matched, 'image')}` : plural(matched, 'image');
  return (
    <>
      {shown} of {plural(runs.length, 'run')} · {durationText(seconds)}
      {steps < stepsFound && (
        <span className="warn">
          {` · ${countText(steps)} of ${countText(stepsFound)} steps, evenly spread; choose a range or more steps to see the others`}
        </span>
      )}
      {items.length < inside && steps === stepsFound && (
        <span className="warn"> · Narrow the query to see the others.</span>
      )}
    </>
  );
}

function NoMedia({
  result,
  q,
  onSearch,
}: {
  result: MediaResult | null;
  q: string;
  onSearch: (q: string) => void;
}): ReactNode {
  if (q === '')
    return (
      <Notice icon="picture" title="No images">
        <p>
          <code>{CODE}</code> records one. It appears here at once.
        </p>
      </Notice>
    );
  return (
    <Notice icon="search" title="Nothing matches">
      <AnswerNotes notes={result?.notes ?? []} query={q} onSearch={onSearch} />
      <Button look="outline" onClick={() => onSearch('')}>
        Show all images
      </Button>
    </Notice>
  );
}
