/** What a file of an artifact contains: text, JSON, a table or an image. It comes from others, so it is text only. */
import type { ReactNode } from 'react';
import { PlainTable } from '../../parts/PlainTable';
import { CopyButton } from '../../parts/states';
import { Answer, Card, Hint } from '../../parts/Sheet';
import { useAsked } from '../../parts/useAsked';
import { sizeText } from '../../text/format';
import type { ArtifactFile, ArtifactPreview, ArtifactVersion } from '../../wire';
import { useApi } from '../../data/api';

export function FilePreview({ version, file }: { version: ArtifactVersion; file: ArtifactFile }): ReactNode {
  const { ask, fileAddress } = useApi();
  const asked = useAsked(`preview ${version.id} ${file.path}`, (signal) =>
    ask.artifactPreview(version.name, version.id, file.path, signal),
  );
  const address = fileAddress(version.name, version.id, file.path);
  return (
    <Card
      title={file.path}
      actions={
        file.address === '' && (
          <a className="button outline small" href={address} download>
            Download
          </a>
        )
      }
    >
      <p className="file-facts quiet">
        {sizeText(file.bytes)} · SHA-256 <code title={file.sha256}>{file.sha256.slice(0, 16)}…</code>{' '}
        <CopyButton text={file.sha256} what="checksum" />
      </p>
      {file.address !== '' && (
        <p className="file-facts">
          <code>
            <bdi>{file.address}</bdi>
          </code>
        </p>
      )}
      <Answer of={asked}>{(preview) => <PreviewContent preview={preview} address={address} path={file.path} />}</Answer>
    </Card>
  );
}

function PreviewContent({
  preview,
  address,
  path,
}: {
  preview: ArtifactPreview;
  address: string;
  path: string;
}): ReactNode {
  const { kind, text, rows, cut, why } = preview;
  if (kind === 'none') return <Hint>{why}</Hint>;
  if (kind === 'image') return <img className="file-image" src={address} alt={path} />;
  return (
    <>
      {kind === 'table' ? (
        <PreviewTable rows={rows} />
      ) : (
        <pre className="file-text" tabIndex={0}>
          <bdi>{text}</bdi>
        </pre>
      )}
      {cut && <Hint>Only the beginning is shown.</Hint>}
    </>
  );
}

function PreviewTable({ rows }: { rows: readonly (readonly string[])[] }): ReactNode {
  const [head = [], ...body] = rows;
  return (
    <PlainTable label="Rows of the file" head={distinct(head)}>
      {body.map((row, number) => (
        <tr key={number}>
          {head.map((_, place) => (
            <td key={place}>
              <bdi>{row[place] ?? ''}</bdi>
            </td>
          ))}
        </tr>
      ))}
    </PlainTable>
  );
}

/** Names of columns, with their place where one is empty or occurs twice. */
const distinct = (names: readonly string[]): string[] =>
  names.map((name, place) => (name === '' || names.indexOf(name) < place ? `${name} (${place + 1})`.trim() : name));
