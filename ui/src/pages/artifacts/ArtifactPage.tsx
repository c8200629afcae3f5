/** One version of an artifact: its files, what changed, and the runs that made and used it. */
import type { ReactNode } from 'react';
import { DateTime } from '../../parts/DateTime';
import { adjust, href, useAddress } from '../../parts/address';
import { Link } from '../../parts/Link';
import { NotFound } from '../../parts/NotFound';
import { CopyButton } from '../../parts/states';
import { Answer, Sheet } from '../../parts/Sheet';
import { Tabs } from '../../parts/Tabs';
import { useAsked, usePaced } from '../../parts/useAsked';
import { useNews, useTitle } from '../../parts/useFrame';
import { plural, sizeText } from '../../text/format';
import { leavesOf } from '../../text/leaves';
import type { ArtifactDetail } from '../../wire';
import { useApi } from '../../data/api';
import { Aliases } from './Aliases';
import { ArtifactChanges } from './ArtifactChanges';
import { ArtifactFiles } from './ArtifactFiles';
import { ArtifactLineage } from './ArtifactLineage';
import { ArtifactMetadata } from './ArtifactMetadata';
import { VersionTable } from './VersionTable';
import './artifacts.css';

const TABS = ['files', 'metadata', 'changes', 'lineage', 'versions'] as const;
type ArtifactTab = (typeof TABS)[number];

export default function ArtifactPage(): ReactNode {
  const { ask } = useApi();
  const address = useAddress();
  const name = address.get('artifact') ?? '';
  const version = address.get('version') ?? 'latest';
  const asked = useAsked(`artifact ${name} ${version}`, (signal) => ask.artifact(name, version, signal));
  const again = usePaced(asked.again);
  useNews({ changed: again, began: again });
  useTitle(name || 'Artifact');
  return (
    <Answer of={asked} title="Artifact" missing={<NoArtifact name={name} version={version} />}>
      {(detail) => <ArtifactContent detail={detail} onChanged={asked.again} />}
    </Answer>
  );
}

function NoArtifact({ name, version }: { name: string; version: string }): ReactNode {
  return (
    <NotFound what="artifact" name={name && `${name}:${version}`} to={href('artifacts')} all="All artifacts">
      It may have been removed.
    </NotFound>
  );
}

function ArtifactContent({ detail, onChanged }: { detail: ArtifactDetail; onChanged: () => void }): ReactNode {
  const { version, versions, metadata, made, used } = detail;
  const address = useAddress();
  const tab = TABS.find((word) => word === address.get('tab')) ?? 'files';
  return (
    <Sheet
      title={
        <bdi>
          {version.name}:{version.version}
        </bdi>
      }
      beside={<Aliases version={version} onChanged={onChanged} />}
      lead={<ArtifactFacts detail={detail} />}
    >
      <Tabs<ArtifactTab>
        label="Parts of the artifact"
        chosen={tab}
        onChoose={(next) => adjust({ tab: next === 'files' ? null : next })}
        tabs={[
          { value: 'files', label: 'Files', count: version.files },
          { value: 'metadata', label: 'Metadata', count: leavesOf(metadata).length },
          { value: 'changes', label: 'Changes' },
          { value: 'lineage', label: 'Lineage', count: made.length + used.length },
          { value: 'versions', label: 'Versions', count: versions.length },
        ]}
      >
        {tab === 'files' && <ArtifactFiles key={version.id} detail={detail} />}
        {tab === 'metadata' && <ArtifactMetadata metadata={metadata} />}
        {tab === 'changes' && <ArtifactChanges detail={detail} />}
        {tab === 'lineage' && <ArtifactLineage detail={detail} />}
        {tab === 'versions' && (
          <VersionTable versions={versions} label="Versions of the artifact" chosen={version.id} />
        )}
      </Tabs>
    </Sheet>
  );
}

function ArtifactFacts({ detail: { version, made } }: { detail: ArtifactDetail }): ReactNode {
  const [maker] = made;
  const command = `aim artifact get ${version.name}:${version.version}`;
  return (
    <ul className="facts-line">
      <li>
        <bdi>{version.type}</bdi>
      </li>
      <li>
        {plural(version.files, 'file')}, {sizeText(version.bytes)}
        {version.reference && ', outside the repository'}
      </li>
      {version.stored !== '' ? (
        <li>
          stored at <bdi>{version.stored}</bdi>
        </li>
      ) : (
        version.store !== '' && (
          <li>
            waiting to be uploaded to <bdi>{version.store}</bdi>
          </li>
        )
      )}
      <li>
        <DateTime at={version.created_at} />
      </li>
      {maker ? (
        <li>
          by{' '}
          <Link className="text-link" to={href('run', { run: maker.id })}>
            <bdi>{maker.name ?? maker.hash}</bdi>
          </Link>
        </li>
      ) : (
        version.user !== '' && (
          <li>
            by <bdi>{version.user}</bdi>
          </li>
        )
      )}
      <li className="hash">
        <code>
          <bdi>{command}</bdi>
        </code>
        <CopyButton text={command} what="command" />
      </li>
    </ul>
  );
}
