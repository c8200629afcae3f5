/** All artifacts: the latest version of each. */
import type { ReactNode } from 'react';
import { DateTime } from '../../parts/DateTime';
import { FindField } from '../../parts/design/FindField';
import { adjust, useAddress } from '../../parts/address';
import { Notice } from '../../parts/states';
import { PlainTable } from '../../parts/PlainTable';
import { Answer, Sheet } from '../../parts/Sheet';
import { useAsked, usePaced } from '../../parts/useAsked';
import { useNews, useTitle } from '../../parts/useFrame';
import { countText, plural, sizeText } from '../../text/format';
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
  const address = useAddress();
  const find = address.get('find') ?? '';
  const word = find.trim().toLowerCase();
  const shown = artifacts.filter(({ latest }) => `${latest.name} ${latest.type}`.toLowerCase().includes(word));
  return (
    <Sheet title="Artifacts" lead={<p>Files that runs make and use, in versions that never change.</p>}>
      {artifacts.length === 0 ? (
        <Notice icon="archive" title="No artifacts yet">
          <p>
            <code>run.log_artifact("data/", name="digits")</code> stores a file or a folder as a version.
          </p>
        </Notice>
      ) : (
        <>
          <p className="table-find">
            <FindField
              label="Find an artifact"
              value={find}
              onFind={(text) => adjust({ find: text || null }, { replace: true })}
            />
            <span className="count">{plural(shown.length, 'artifact')}</span>
          </p>
          {shown.length === 0 ? (
            <Notice icon="search" title="No artifact matches">
              <p>
                No name or type contains “<bdi>{find}</bdi>”.
              </p>
            </Notice>
          ) : (
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
              {shown.map(({ versions, latest }) => (
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
          )}
        </>
      )}
    </Sheet>
  );
}
