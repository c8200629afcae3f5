/** The aliases of a version, which people move between versions. */
import { useState, type ReactNode } from 'react';
import { Button } from '../../parts/design/controls';
import { Icon } from '../../parts/design/Icon';
import { Dialog, Labeled } from '../../parts/Dialog';
import { useEdit } from '../../parts/useEdit';
import { useFrame } from '../../parts/useFrame';
import type { ArtifactVersion } from '../../wire';
import { useApi } from '../../data/api';

const LATEST = 'latest';

export function Aliases({ version, onChanged }: { version: ArtifactVersion; onChanged: () => void }): ReactNode {
  const { write } = useApi();
  const { readOnly } = useFrame();
  const edit = useEdit();
  const [adding, setAdding] = useState(false);
  const { name } = version;
  return (
    <>
      {version.aliases.map((alias) => (
        <span key={alias} className="tag-chip">
          <bdi>{alias}</bdi>
          {readOnly === null && alias !== LATEST && (
            <button
              type="button"
              className="tag-remove"
              aria-label={`Remove ${alias}`}
              onClick={() => void edit([], () => write.alias({ name, alias, version: null })).then(onChanged)}
            >
              <Icon name="close" size={10} />
            </button>
          )}
        </span>
      ))}
      {readOnly === null && (
        <Button small icon="plus" onClick={() => setAdding(true)}>
          Alias
        </Button>
      )}
      {adding && <NewAlias version={version} onClose={() => setAdding(false)} onSaved={onChanged} />}
    </>
  );
}

function NewAlias({
  version,
  onClose,
  onSaved,
}: {
  version: ArtifactVersion;
  onClose: () => void;
  onSaved: () => void;
}): ReactNode {
  const { write } = useApi();
  const [alias, setAlias] = useState('');
  const save = (): Promise<void> =>
    write.alias({ name: version.name, alias: alias.trim(), version: version.version }).then(onSaved);
  return (
    <Dialog title="Add an alias" action="Add" disabled={alias.trim() === ''} onSave={save} onClose={onClose}>
      <Labeled label="Alias" hint="If another version has it, it moves here. Letters, digits, '.', '_' and '-'.">
        <input
          className="field"
          value={alias}
          maxLength={128}
          autoFocus
          onChange={(event) => setAlias(event.target.value)}
        />
      </Labeled>
    </Dialog>
  );
}
