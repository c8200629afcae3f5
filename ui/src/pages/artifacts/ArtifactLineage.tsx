/** Where a version comes from and where it went: what went into the runs that made it, and what those made that used it. */
import type { ReactNode } from 'react';
import { Icon } from '../../parts/design/Icon';
import { href } from '../../parts/address';
import { Link } from '../../parts/Link';
import { Hint } from '../../parts/Sheet';
import { Status } from '../../parts/Status';
import { runName } from '../../text/runName';
import type { ArtifactDetail, ArtifactVersion, Run } from '../../wire';
import { VersionLink } from './VersionLink';

export function ArtifactLineage({ detail }: { detail: ArtifactDetail }): ReactNode {
  const { version, made, used, inputs, outputs } = detail;
  return (
    <>
      <div className="lineage">
        {inputs.length > 0 && <VersionStage title="Inputs" versions={inputs} />}
        <RunStage title="Made by" runs={made} empty={version.user ? `Stored by ${version.user}` : 'No run'} />
        <VersionStage title="This version" versions={[version]} here />
        <RunStage title="Used by" runs={used} empty="No run yet" />
        {outputs.length > 0 && <VersionStage title="Outputs" versions={outputs} />}
      </div>
      {used.length === 0 && (
        <Hint>
          Use it in a script to list its run here:{' '}
          <code>{`run.use_artifact("${version.name}:${version.version}")`}</code>
        </Hint>
      )}
    </>
  );
}

function VersionStage({
  title,
  versions,
  here = false,
}: {
  title: string;
  versions: readonly ArtifactVersion[];
  here?: boolean;
}): ReactNode {
  return (
    <section className={`card lineage-stage ${here ? 'here' : ''}`} aria-label={title}>
      <h2>{title}</h2>
      <ul>
        {versions.map((version) => (
          <li key={version.id}>
            <Icon name="archive" />
            <VersionLink version={version} text={`${version.name}:${version.version}`} />
          </li>
        ))}
      </ul>
    </section>
  );
}

function RunStage({ title, runs, empty }: { title: string; runs: readonly Run[]; empty: string }): ReactNode {
  return (
    <section className="card lineage-stage" aria-label={title}>
      <h2>{title}</h2>
      {runs.length === 0 && <Hint>{empty}</Hint>}
      <ul>
        {runs.map((run) => (
          <li key={run.id}>
            <Link className="text-link" to={href('run', { run: run.id })}>
              <bdi>{runName(run)}</bdi>
            </Link>
            <Status status={run.status} diverged={run.diverged} />
          </li>
        ))}
      </ul>
    </section>
  );
}
