/** Saved commands that can be started with other values. */
import { DateTime } from '../../parts/DateTime';
import { useState, type ReactNode } from 'react';
import { Button } from '../../parts/design/controls';
import { Icon } from '../../parts/design/Icon';
import { useToast } from '../../parts/design/Toast';
import { Notice } from '../../parts/states';
import { href } from '../../parts/address';
import { Link } from '../../parts/Link';
import { useFrame } from '../../parts/useFrame';
import type { Template } from '../../wire';
import { Dialog } from '../../parts/Dialog';
import { CommandText } from './Arguments';
import { ElsewhereMark } from './FromElsewhere';
import { useLaunch } from './launch';
import { trialValueText } from './values';
import { PlainTable } from '../../parts/PlainTable';

export function TemplateList({
  templates,
  allowed,
  onChanged,
}: {
  templates: readonly Template[];
  allowed: boolean;
  onChanged: () => void;
}): ReactNode {
  const { write } = useLaunch();
  const toast = useToast();
  const { edited } = useFrame();
  const [deleting, setDeleting] = useState<Template | null>(null);
  if (templates.length === 0)
    return (
      <Notice icon="terminal" title="No templates yet">
        <p>
          A template is a command with parameters: <code>{'python train.py --lr {lr}'}</code>. Create one here, or
          select “Re-run” on the page of any run and save the form.
        </p>
        {allowed && (
          <Link className="button primary" to={href('start')}>
            <Icon name="plus" /> Create a template
          </Link>
        )}
      </Notice>
    );
  return (
    <>
      <PlainTable
        label="Table of templates"
        look="process-table"
        head={['Template', 'Command', 'Parameters', 'Experiment', 'Changed', { label: 'Actions', hidden: true }]}
      >
        {templates.map((template) => (
          <TemplateRow key={template.id} template={template} allowed={allowed} onDelete={() => setDeleting(template)} />
        ))}
      </PlainTable>
      {deleting && (
        <Dialog
          title={`Delete the template “${deleting.name}”?`}
          action="Delete"
          danger
          onSave={async () => {
            await write.deleteTemplate(deleting.id);
            toast({ text: 'Template deleted.' });
            edited([]);
            onChanged();
          }}
          onClose={() => setDeleting(null)}
        >
          <p>Its runs and queues are kept.</p>
        </Dialog>
      )}
    </>
  );
}

function TemplateRow({
  template,
  allowed,
  onDelete,
}: {
  template: Template;
  allowed: boolean;
  onDelete: () => void;
}): ReactNode {
  const { id, name, command, edited_at: edited } = template;
  const { argv, params = [], experiment, interpreter } = command;
  const start = href('start', { template: id });
  return (
    <tr>
      <th scope="row">
        {allowed ? (
          <Link className="text-link" to={start}>
            <bdi>{name}</bdi>
          </Link>
        ) : (
          <bdi>{name}</bdi>
        )}
        {!template.own && <ElsewhereMark />}
      </th>
      <td className="command-cell">
        <CommandText argv={interpreter ? [interpreter, ...argv] : argv} />
      </td>
      <td className="wrap">
        {params.map(({ name: param, value }) => (
          <span key={param} className="param-chip">
            <bdi>{param}</bdi>
            {value !== null && (
              <>
                {' '}
                = <bdi>{trialValueText(value)}</bdi>
              </>
            )}
          </span>
        ))}
      </td>
      <td>{experiment ? <bdi>{experiment}</bdi> : <span className="quiet">default</span>}</td>
      <td>
        <DateTime at={edited} />
      </td>
      <td className="end">
        {allowed && (
          <span className="row-actions">
            <Link className="button small" to={start} aria-label={`Start ${name}`}>
              <Icon name="play" size={14} /> Start
            </Link>
            <Button small icon="trash" tip={`Delete ${name}`} onClick={onDelete} />
          </span>
        )}
      </td>
    </tr>
  );
}
