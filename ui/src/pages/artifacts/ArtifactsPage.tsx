/** All artifacts: the latest version of each. */
import type { ReactNode } from 'react';
import { DateTime } from '../../parts/DateTime';
import { Notice } from '../../parts/states';
import { PlainTable } from '../../parts/PlainTable';
import { Searchable } from '../../parts/Searchable';
import { Answer, Sheet } from '../../parts/Sheet';
import { useAsked, usePaced } from '../../parts/useAsked';
import { useNews, useTitle } from '../../parts/useFrame';
import { countText, sizeText } from '../../text/format';
import type { ArtifactRow } from '../../wire';
import { useApi } from '../../data/api';
import { AliasBadges, VersionLink } from './VersionLink';

export default function ArtifactsPage(): ReactNode {
  const { ask } = useApi();
  const asked = useAsked('artifacts', (signal) => ask.artifacts(signal));
  const again = usePaced(asked.again);
  useNews({ changed: again, began: again });
  useTitle('Artifacts');
  return (
    <Answer of={asked} title="Artifacts">
      {({ artifacts }) => <AllArtifacts artifacts={artifacts} />}
    </Answer>
  );
}

function AllArtifacts({ artifacts }: { artifacts: readonly ArtifactRow[] }): ReactNode {
  return (
    <Sheet title="Artifacts" lead={<p>Files that runs make and use, in versions that never change.</p>}>
      <Searchable
        items={artifacts}
        noun="artifact"
        textOf={({ latest }) => `${latest.name} ${latest.type}`}
        empty={
          <Notice icon="archive" title="No artifacts yet">
            <p>
              <code>run.log_artifact("data/", name="digits")</code> stores a file or a folder as a version.
            </p>
          </Notice>
        }
      >
        {(shown) => <ArtifactTable artifacts={shown} />}
      </Searchable>
    </Sheet>
  );
}

function ArtifactTable({ artifacts }: { artifacts: readonly ArtifactRow[] }): ReactNode {
  return (
    <PlainTable
      label="Table of artifacts"
      head={[
        'Artifact',
        'Type',
        'Latest',
        { label: 'Versions', end: true },
        { label: 'Files', end: true },
        { label: 'Size', end: true },
        'Stored',
      ]}
    >
      {artifacts.map(({ versions, latest }) => (
        <tr key={latest.name}>
          <th scope="row">
            <VersionLink version={latest} text={latest.name} newest />
          </th>
          <td>
            <bdi>{latest.type}</bdi>
          </td>
          <td>
            {latest.version} <AliasBadges version={latest} />
          </td>
          <td className="end number">{countText(versions)}</td>
          <td className="end number">{countText(latest.files)}</td>
          <td className="end number">{sizeText(latest.bytes)}</td>
          <td>
            <DateTime at={latest.created_at} />
          </td>
        </tr>
      ))}
    </PlainTable>
  );
}
