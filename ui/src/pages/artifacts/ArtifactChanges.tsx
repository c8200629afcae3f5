/** What differs between two versions: files that were added, removed or changed. */
import type { ReactNode } from 'react';
import { adjust, useAddress } from '../../parts/address';
import { PlainTable } from '../../parts/PlainTable';
import { Answer, Hint } from '../../parts/Sheet';
import { useAsked } from '../../parts/useAsked';
import { countText, plural, sizeText } from '../../text/format';
import type { ArtifactDetail, ArtifactDiff, ArtifactVersion, ChangedFile } from '../../wire';
import { useApi } from '../../data/api';

export function ArtifactChanges({ detail: { version, versions } }: { detail: ArtifactDetail }): ReactNode {
  const address = useAddress();
  const others = versions.filter(({ id }) => id !== version.id);
  const before = others.find(({ created_at }) => created_at < version.created_at) ?? others[0];
  const base = others.find((other) => other.version === address.get('base')) ?? before;
  if (!base) return <Hint>This is the only version, so there is nothing to compare it with.</Hint>;
  return (
    <>
      <p className="table-find">
        <label htmlFor="base">Compared with</label>
        <select
          id="base"
          className="field"
          value={base.version}
          onChange={(event) => adjust({ base: event.target.value }, { replace: true })}
        >
          {others.map((other) => (
            <option key={other.id} value={other.version}>
              {[other.version, ...other.aliases].join(', ')}
            </option>
          ))}
        </select>
      </p>
      <ChangesSince version={version} base={base} />
    </>
  );
}

function ChangesSince({ version, base }: { version: ArtifactVersion; base: ArtifactVersion }): ReactNode {
  const { ask } = useApi();
  const asked = useAsked(`diff ${version.id} ${base.id}`, (signal) =>
    ask.artifactDiff(version.name, version.version, base.version, signal),
  );
  return <Answer of={asked}>{(diff) => <DifferenceTable diff={diff} />}</Answer>;
}

function DifferenceTable({ diff }: { diff: ArtifactDiff }): ReactNode {
  const { files, added, removed, changed, same } = diff;
  const all = added + removed + changed;
  return (
    <>
      <p className="lead">
        {countText(added)} added, {countText(removed)} removed, {countText(changed)} changed, {plural(same, 'file')} the
        same
      </p>
      {files.length > 0 && (
        <PlainTable
          label="Files that differ"
          head={['File', 'Change', { label: 'Before', end: true }, { label: 'Size', end: true }]}
        >
          {files.map((file) => (
            <tr key={file.path}>
              <th scope="row">
                <bdi>{file.path}</bdi>
              </th>
              <td>{changeOf(file)}</td>
              <td className="end number">{file.base === null ? '–' : sizeText(file.base)}</td>
              <td className="end number">{file.bytes === null ? '–' : sizeText(file.bytes)}</td>
            </tr>
          ))}
        </PlainTable>
      )}
      {all > files.length && <Hint>The first {countText(files.length)} are listed.</Hint>}
    </>
  );
}

function changeOf({ base, bytes }: ChangedFile): string {
  if (base === null) return 'added';
  return bytes === null ? 'removed' : 'changed';
}
