/** What a script said about a version. */
import { useMemo, type ReactNode } from 'react';
import { textOf } from '../../data/result';
import { Card, Hint } from '../../parts/Sheet';
import { leavesOf } from '../../text/leaves';
import { Pairs } from '../../parts/Pairs';

export function ArtifactMetadata({ metadata }: { metadata: Record<string, unknown> }): ReactNode {
  const leaves = useMemo(() => leavesOf(metadata), [metadata]);
  if (leaves.length === 0)
    return (
      <Hint>
        No metadata. Add it with <code>run.log_artifact("data/", metadata={'{"rows": 1797}'})</code>.
      </Hint>
    );
  return (
    <Card title="Metadata">
      <Pairs pairs={leaves.map((leaf) => [leaf.path.join('.'), textOf(leaf.value)])} />
    </Card>
  );
}
