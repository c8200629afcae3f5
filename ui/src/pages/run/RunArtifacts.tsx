/** The artifacts that a run made and used. */
import type { ReactNode } from 'react';
import { Notice } from '../../parts/states';
import { Card } from '../../parts/Sheet';
import { countText } from '../../text/format';
import type { RunArtifactList } from '../../wire';
import { VersionTable } from '../artifacts/VersionTable';

export function RunArtifacts({ artifacts: { made, used } }: { artifacts: RunArtifactList }): ReactNode {
  const parts = [
    ['Made', made],
    ['Used', used],
  ] as const;
  if (made.length + used.length === 0)
    return (
      <Notice icon="archive" title="No artifacts yet">
        <p>
          <code>run.log_artifact("model.pt", type="model")</code> stores a file, and{' '}
          <code>run.use_artifact("digits:latest")</code> reads one.
        </p>
      </Notice>
    );
  return (
    <div className="overview">
      {parts.map(
        ([title, versions]) =>
          versions.length > 0 && (
            <Card key={title} title={title} count={countText(versions.length)} wide>
              <VersionTable versions={versions} label={`Artifacts that the run ${title.toLowerCase()}`} withName />
            </Card>
          ),
      )}
    </div>
  );
}
