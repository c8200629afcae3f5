/** Versions of artifacts as a table. */
import type { ReactNode } from 'react';
import { DateTime } from '../../parts/DateTime';
import { PlainTable } from '../../parts/PlainTable';
import { countText, sizeText } from '../../text/format';
import type { ArtifactVersion } from '../../wire';
import { AliasBadges, VersionLink } from './VersionLink';

export function VersionTable({
  versions,
  label,
  chosen,
  withName = false,
}: {
  versions: readonly ArtifactVersion[];
  label: string;
  /** The id of the version that the page shows. */
  chosen?: string;
  withName?: boolean;
}): ReactNode {
  return (
    <PlainTable
      label={label}
      head={[
        withName ? 'Artifact' : 'Version',
        'Type',
        'Aliases',
        { label: 'Files', end: true },
        { label: 'Size', end: true },
        'Stored',
      ]}
    >
      {versions.map((version) => (
        <tr key={version.id} aria-current={version.id === chosen || undefined}>
          <th scope="row">
            <VersionLink version={version} text={withName ? `${version.name}:${version.version}` : version.version} />
            {version.aliases.includes('latest') && <span className="badge gray">latest</span>}
          </th>
          <td>
            <bdi>{version.type}</bdi>
          </td>
          <td>
            <AliasBadges version={version} />
          </td>
          <td className="end number">{countText(version.files)}</td>
          <td className="end number">{sizeText(version.bytes)}</td>
          <td>
            <DateTime at={version.created_at} />
          </td>
        </tr>
      ))}
    </PlainTable>
  );
}
