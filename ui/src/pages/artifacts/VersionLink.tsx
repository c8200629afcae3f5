/** A link to a version of an artifact, and its aliases. */
import type { ReactNode } from 'react';
import { href } from '../../parts/address';
import { Link } from '../../parts/Link';
import type { ArtifactVersion } from '../../wire';

export function VersionLink({
  version,
  text,
  newest = false,
}: {
  version: ArtifactVersion;
  text: string;
  /** The link leads to the latest version, also when there are newer ones. */
  newest?: boolean;
}): ReactNode {
  return (
    <Link
      className="text-link"
      to={href('artifact', { artifact: version.name, version: newest ? null : version.version })}
    >
      <bdi>{text}</bdi>
    </Link>
  );
}

export function AliasBadges({ version }: { version: ArtifactVersion }): ReactNode {
  return version.aliases
    .filter((alias) => alias !== 'latest')
    .map((alias) => (
      <span key={alias} className="badge gray">
        <bdi>{alias}</bdi>
      </span>
    ));
}
