/** Tags: create, color, describe, archive and delete them, and list their runs. */
import type { NonEmpty } from '../../text/lists';
import { useState, type ReactNode } from 'react';
import { Button } from '../../parts/design/controls';
import { countText, plural } from '../../text/format';
import { Notice } from '../../parts/states';
import { adjust, useAddress } from '../../parts/address';
import { useFrame, useNews, useTitle } from '../../parts/useFrame';
import type { Tag } from '../../wire';
import { useApi } from '../../data/api';
import { quoted, WITH_ARCHIVED } from '../../text/words';
import { Dialog, Labeled } from '../../parts/Dialog';
import { PlainTable } from '../../parts/PlainTable';
import { RunTable } from '../../parts/RunTable';
import { Searchable } from '../../parts/Searchable';
import { Answer, Card, Hint, Sheet } from '../../parts/Sheet';
import { Dot } from '../../parts/TagChip';
import { useRefreshTags } from '../../parts/tagStyles';
import { useAsked, usePaced } from '../../parts/useAsked';
import { useEdit } from '../../parts/useEdit';

const MOST_NAME = 50;
const MOST_COMMENT = 200;
const COLORS: NonEmpty<string> = [
  '#4156d6',
  '#1f8fb4',
  '#1a7f4b',
  '#7a8b1c',
  '#c98a10',
  '#d9622b',
  '#c62f3b',
  '#b8418f',
  '#7b4fc9',
  '#6b7280',
];

type Open = { kind: 'edit'; tag: Tag | null } | { kind: 'delete'; tag: Tag } | null;

export default function TagsPage(): ReactNode {
  const refreshTags = useRefreshTags();
  const { ask } = useApi();
  const asked = useAsked('tags', (signal) => ask.tags(signal));
  const again = usePaced(asked.again);
  useNews({ changed: again, missed: again });
  useTitle('Tags');
  return (
    <Answer of={asked} title="Tags">
      {({ tags }) => (
        <TagsContent
          tags={tags}
          onChanged={() => {
            asked.again();
            refreshTags();
          }}
        />
      )}
    </Answer>
  );
}

function TagsContent({ tags, onChanged }: { tags: readonly Tag[]; onChanged: () => void }): ReactNode {
  const { write } = useApi();
  const { readOnly } = useFrame();
  const edit = useEdit();
  const named = useAddress().get('tag');
  const chosen = tags.find((tag) => tag.name === named);
  const [open, setOpen] = useState<Open>(null);
  const archive = (tag: Tag): void => {
    const { name, comment, color } = tag;
    const body = { name, comment, color: color ?? COLORS[0], archived: !tag.archived };
    void edit([], () => write.tag(body), tag.archived ? 'Tag restored.' : 'Tag archived.').then(onChanged);
  };
  return (
    <Sheet
      title="Tags"
      lead={<p>Tags mark runs across experiments. Query them with run.tags.</p>}
      actions={
        readOnly === null && (
          <Button look="primary" icon="plus" onClick={() => setOpen({ kind: 'edit', tag: null })}>
            New tag
          </Button>
        )
      }
    >
      <Searchable
        items={tags}
        noun="tag"
        textOf={({ name, comment }) => `${name} ${comment}`}
        isArchived={(tag) => tag.archived}
        empty={
          <Notice icon="tag" title="No tags yet">
            <p>Create one here, or add one in a script: run.add_tag("baseline").</p>
          </Notice>
        }
      >
        {(shown) => (
          <PlainTable
            label="Table of tags"
            head={['Tag', 'Comment', { label: 'Runs', end: true }, { label: 'Actions', hidden: true }]}
          >
            {shown.map((tag) => (
              <tr key={tag.name} className={tag.archived ? 'archived' : ''}>
                <th scope="row">
                  <button
                    type="button"
                    className="text-link tag-name"
                    aria-expanded={chosen === tag}
                    onClick={() => adjust({ tag: chosen === tag ? null : tag.name })}
                  >
                    <Dot color={tag.color} />
                    <bdi>{tag.name}</bdi>
                  </button>
                  {tag.archived && <span className="badge gray">archived</span>}
                </th>
                <td className="wrap">
                  <bdi>{tag.comment}</bdi>
                </td>
                <td className="end number">{countText(tag.runs)}</td>
                <td className="end">
                  {readOnly === null && (
                    <span className="row-actions">
                      <Button
                        small
                        icon="pencil"
                        aria-label={`Edit ${tag.name}`}
                        onClick={() => setOpen({ kind: 'edit', tag })}
                      />
                      <Button
                        small
                        icon="archive"
                        aria-label={`${tag.archived ? 'Restore' : 'Archive'} ${tag.name}`}
                        onClick={() => archive(tag)}
                      />
                      <Button
                        small
                        icon="trash"
                        aria-label={`Delete ${tag.name}`}
                        onClick={() => setOpen({ kind: 'delete', tag })}
                      />
                    </span>
                  )}
                </td>
              </tr>
            ))}
          </PlainTable>
        )}
      </Searchable>
      {chosen && <RunsOf key={chosen.name} tag={chosen} />}
      {open?.kind === 'edit' && <EditTag tag={open.tag} onClose={() => setOpen(null)} onSaved={onChanged} />}
      {open?.kind === 'delete' && <DeleteTag tag={open.tag} onClose={() => setOpen(null)} onDeleted={onChanged} />}
    </Sheet>
  );
}

function RunsOf({ tag }: { tag: Tag }): ReactNode {
  const { ask } = useApi();
  const asked = useAsked(`runs of ${tag.name} ${tag.runs}`, (signal) =>
    ask.runs(`${quoted(tag.name)} in run.tags and ${WITH_ARCHIVED}`, signal),
  );
  return (
    <Card
      title="Runs with this tag"
      count={tag.name}
      wide
      actions={<Button small icon="close" tip="Close" onClick={() => adjust({ tag: null })} />}
    >
      <Answer of={asked}>
        {(runs) =>
          runs.length ? (
            <RunTable runs={runs} label="Runs with this tag" search />
          ) : (
            <Hint>No runs with this tag yet.</Hint>
          )
        }
      </Answer>
    </Card>
  );
}

function EditTag({ tag, onClose, onSaved }: { tag: Tag | null; onClose: () => void; onSaved: () => void }): ReactNode {
  const { write } = useApi();
  const before = { name: tag?.name ?? '', comment: tag?.comment ?? '', color: tag?.color ?? COLORS[0] };
  const [look, setLook] = useState(before);
  const { edited } = useFrame();
  const save = async (): Promise<void> => {
    await write.tag({ ...look, name: look.name.trim(), archived: tag?.archived ?? false, was: tag?.name ?? null });
    edited([]);
    onSaved();
  };
  return (
    <Dialog
      title={tag ? 'Edit the tag' : 'New tag'}
      action="Save"
      disabled={look.name.trim() === ''}
      onSave={save}
      onClose={onClose}
    >
      <Labeled label="Name" hint={`${look.name.length} of ${MOST_NAME} characters`}>
        <input
          className="field"
          value={look.name}
          maxLength={MOST_NAME}
          autoFocus
          onChange={(event) => setLook({ ...look, name: event.target.value })}
        />
      </Labeled>
      <Labeled label="Comment" hint={`${look.comment.length} of ${MOST_COMMENT} characters`}>
        <textarea
          className="field area short"
          value={look.comment}
          maxLength={MOST_COMMENT}
          onChange={(event) => setLook({ ...look, comment: event.target.value })}
        />
      </Labeled>
      <fieldset className="colors">
        <legend>Color</legend>
        {COLORS.map((color) => (
          <button
            key={color}
            type="button"
            aria-label={color}
            aria-pressed={look.color === color}
            style={{ background: color }}
            onClick={() => setLook({ ...look, color })}
          />
        ))}
        <input
          type="color"
          aria-label="Another color"
          value={look.color}
          onChange={(event) => setLook({ ...look, color: event.target.value.toLowerCase() })}
        />
        <span className="stretch" />
        {tag && (
          <Button small icon="undo" onClick={() => setLook(before)}>
            Reset
          </Button>
        )}
      </fieldset>
    </Dialog>
  );
}

function DeleteTag({ tag, onClose, onDeleted }: { tag: Tag; onClose: () => void; onDeleted: () => void }): ReactNode {
  const { write } = useApi();
  const [typed, setTyped] = useState('');
  const { edited } = useFrame();
  const remove = async (): Promise<void> => {
    await write.deleteTag(tag.name);
    edited([]);
    adjust({ tag: null }, { replace: true });
    onDeleted();
  };
  return (
    <Dialog
      title="Delete this tag?"
      action="Delete"
      danger
      disabled={typed !== tag.name}
      onSave={remove}
      onClose={onClose}
    >
      <p>
        “<bdi>{tag.name}</bdi>” is taken off {plural(tag.runs, 'run')}. The runs stay.
      </p>
      <Labeled label="Type its name to delete it">
        <input className="field" value={typed} autoFocus onChange={(event) => setTyped(event.target.value)} />
      </Labeled>
    </Dialog>
  );
}
