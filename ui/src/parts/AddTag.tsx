/** Attaches a tag to runs: an existing one, or a new one. */
import { useState, type ReactNode } from 'react';
import { PopoverButton, walkItems } from './design/Popover';
import { plural } from '../text/format';
import type { Run } from '../wire';
import { useApi } from '../data/api';
import { Dot } from './TagChip';
import { useRefreshTags, useTagStyles } from './tagStyles';
import { useEdit } from './useEdit';

export function AddTag({ runs }: { runs: readonly Pick<Run, 'id' | 'tags'>[] }): ReactNode {
  const { write } = useApi();
  const edit = useEdit();
  const refreshTags = useRefreshTags();
  const ids = runs.map(({ id }) => id);
  const said = (tag: string): string | undefined =>
    runs.length > 1 ? `${plural(runs.length, 'run')} tagged “${tag}”.` : undefined;
  const attach = async (tag: string): Promise<void> => {
    if (await edit(ids, () => write.edit({ runs: ids, field: 'tag', value: tag }), said(tag))) refreshTags();
  };
  return (
    <PopoverButton
      small
      icon="plus"
      label="Add a tag"
      panel={(close) => (
        <TagPicker
          taken={(runs[0]?.tags ?? []).filter((tag) => runs.every(({ tags }) => tags.includes(tag)))}
          onPick={(tag) => {
            close();
            void attach(tag);
          }}
        />
      )}
    >
      Tag
    </PopoverButton>
  );
}

function TagPicker({ taken, onPick }: { taken: readonly string[]; onPick: (tag: string) => void }): ReactNode {
  const [text, setText] = useState('');
  const styles = [...useTagStyles().values()];
  const word = text.trim();
  const offered = styles.filter(
    (tag) => !tag.archived && !taken.includes(tag.name) && tag.name.toLowerCase().includes(word.toLowerCase()),
  );
  const isNew = word !== '' && !taken.includes(word) && !styles.some((tag) => tag.name === word);
  return (
    <div className="picker" onKeyDown={walkItems}>
      <div className="picker-head">
        <input
          className="field"
          value={text}
          maxLength={50}
          placeholder="Find or create a tag"
          aria-label="Find or create a tag"
          onChange={(event) => setText(event.target.value)}
          onKeyDown={(event) => {
            if (event.key === 'Enter' && word !== '' && !taken.includes(word)) onPick(word);
          }}
        />
      </div>
      <div className="picker-list">
        {offered.map((tag) => (
          <button key={tag.name} type="button" data-item className="picker-item" onClick={() => onPick(tag.name)}>
            <Dot color={tag.color} />
            <bdi>{tag.name}</bdi>
          </button>
        ))}
        {isNew && (
          <button type="button" data-item className="picker-item" onClick={() => onPick(word)}>
            Make “<bdi>{word}</bdi>”
          </button>
        )}
        {!isNew && offered.length === 0 && <p className="menu-empty">No other tag yet. Type a name.</p>}
      </div>
    </div>
  );
}
