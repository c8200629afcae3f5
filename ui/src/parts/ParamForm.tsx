/** Adds params to recorded runs, such as TensorBoard runs: lines of a name and a value. */
import { useId, useState, type ReactNode } from 'react';
import { Button } from './design/controls';
import { useFrame } from './useFrame';
import { useApi } from '../data/api';
import { Dialog } from './Dialog';
import { readParams } from '../text/paramLines';

export function ParamForm({ runs }: { runs: readonly string[] }): ReactNode {
  const { readOnly } = useFrame();
  const [open, setOpen] = useState(false);
  if (readOnly !== null) return null;
  return (
    <>
      <Button small icon="plus" onClick={() => setOpen(true)}>
        Add params
      </Button>
      {open && <ParamDialog runs={runs} onClose={() => setOpen(false)} />}
    </>
  );
}

function ParamDialog({ runs, onClose }: { runs: readonly string[]; onClose: () => void }): ReactNode {
  const { write } = useApi();
  const { edited } = useFrame();
  const [text, setText] = useState('');
  const { params, wrong } = readParams(text);
  const told = useId();
  const save = async (): Promise<void> => {
    await write.params({ runs: [...runs], params: { ...params } });
    edited(runs);
  };
  return (
    <Dialog
      title="Add params"
      action="Give"
      disabled={wrong !== null || Object.keys(params).length === 0}
      onSave={save}
      onClose={onClose}
    >
      <p id={told}>
        A name and a value in each line. A dot makes a group: <code>model.depth 18</code>. Quotes make a text of a
        number. What the training script recorded stays in its log; here the newest value counts.
      </p>
      <textarea
        className="field code"
        rows={6}
        value={text}
        placeholder={'lr 0.01\nhidden_dim 256'}
        aria-label="Params"
        aria-describedby={told}
        aria-invalid={wrong !== null}
        spellCheck={false}
        autoFocus
        onChange={(event) => setText(event.target.value)}
      />
      {wrong && (
        <p className="hint" role="status">
          <bdi>{wrong}</bdi>
        </p>
      )}
    </Dialog>
  );
}
