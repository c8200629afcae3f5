/** Points in space, and embeddings that the server projects. */
import { useState, type ReactNode } from 'react';
import { cloudOf } from '../../../data/cloud';
import { CloudChart } from '../../../explorer/CloudChart';
import { Choice } from '../../../parts/design/controls';
import { Explained } from '../../../parts/states';
import { useKept } from '../../../parts/useKept';
import { sizeText } from '../../../text/format';
import type { ProjectionQuery, Run } from '../../../wire';
import type { FigureBlob } from './figureBlob';

const MOST_BYTES = 40_000_000;
type Method = NonNullable<ProjectionQuery['method']>;
type Dimensions = 'space' | 'plane';

const METHODS: readonly { value: Method; label: string }[] = [
  { value: 'pca', label: 'PCA' },
  { value: 'umap', label: 'UMAP' },
];
const DIMENSIONS: readonly { value: Dimensions; label: string }[] = [
  { value: 'space', label: '3D' },
  { value: 'plane', label: '2D' },
];

interface CloudProps {
  run: Pick<Run, 'id'>;
  value: FigureBlob;
  small?: boolean;
  /** Nothing is loaded yet. */
  waits?: boolean;
}

export function PointsOf({ run, value, small = false, waits = false }: CloudProps): ReactNode {
  const { data, problem } = useKept(
    waits ? null : `points ${run.id} ${value.blob}`,
    async ({ ask }, signal) => {
      if (value.size > MOST_BYTES)
        throw new Error(`These points are ${sizeText(value.size)}; the page shows up to ${sizeText(MOST_BYTES)}.`);
      return cloudOf(await (await ask.blob(run.id, value.blob, signal)).arrayBuffer());
    },
    () => value.size,
  );
  if (problem) return <Explained problem={problem} />;
  if (data === null) return <div className={`classifier-wait ${small ? 'small' : ''} skeleton`} />;
  return <CloudChart cloud={data} small={small} />;
}

export function EmbeddingOf({ run, value, small = false, waits = false }: CloudProps): ReactNode {
  const [method, setMethod] = useState<Method>('pca');
  const [dimensions, setDimensions] = useState<Dimensions>('space');
  const { data, problem } = useKept(
    waits ? null : `projection ${run.id} ${value.blob} ${method}`,
    async ({ projection }, signal) => cloudOf(await projection(run.id, value.blob, method, signal)),
    (cloud) => cloud.xyz.length * 8,
  );
  if (small) {
    if (problem) return <Explained problem={problem} />;
    return data === null ? <div className="classifier-wait small skeleton" /> : <CloudChart cloud={data} flat small />;
  }
  return (
    <>
      <div className="cloud-bar">
        <Choice label="Projection" value={method} options={METHODS} onChange={setMethod} />
        <Choice label="Dimensions" value={dimensions} options={DIMENSIONS} onChange={setDimensions} />
        {data && !problem && data.shares.length > 0 && (
          <span className="count">{`Explains ${data.shares.map((share) => `${(100 * share).toFixed(1)} %`).join(', ')} of the variance`}</span>
        )}
      </div>
      {problem && <Explained problem={problem} />}
      {!problem && data === null && <div className="classifier-wait skeleton" />}
      {!problem && data !== null && <CloudChart cloud={data} flat={dimensions === 'plane'} />}
    </>
  );
}
