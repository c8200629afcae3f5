/** Rules that stop a trial early: conditions in AimQL, and comparisons with other trials. */
import { useId, type ReactNode } from 'react';
import { Button, Choice } from '../../parts/design/controls';
import { QueryBox } from '../../explorer/QueryBox';
import { useMetricNames } from '../../explorer/useMetricNames';
import { NumberField } from './NumberField';
import { useDirections } from '../../parts/directions';
import type { Direction } from '../../text/direction';
import { directionIn, rungs, type Compared, type RulesDraft, type StopDraft } from './rules';

const COMPARED: readonly { value: Compared; label: string }[] = [
  { value: 'none', label: 'Let all trials finish' },
  { value: 'median', label: 'Median stopping' },
  { value: 'halving', label: 'Successive halving' },
];
const DIRECTIONS: readonly { value: Direction; label: string }[] = [
  { value: 'min', label: 'Lower is better' },
  { value: 'max', label: 'Higher is better' },
];

export function RulesForm({
  rules,
  onChange,
}: {
  rules: RulesDraft;
  onChange: (rules: RulesDraft) => void;
}): ReactNode {
  const { stops } = rules;
  const put = (at: number, stop: StopDraft): void =>
    onChange({ ...rules, stops: stops.map((old, index) => (index === at ? stop : old)) });
  return (
    <div className="rules">
      {stops.map((stop, at) => (
        <StopRuleFields
          key={at}
          at={at}
          stop={stop}
          onChange={(next) => put(at, next)}
          onRemove={() => onChange({ ...rules, stops: stops.filter((_, index) => index !== at) })}
        />
      ))}
      <p className="editor-foot">
        <Button small icon="plus" onClick={() => onChange({ ...rules, stops: [...stops, { query: '', after: 0 }] })}>
          Add a stop condition
        </Button>
        {stops.length === 0 && (
          <span className="quiet">
            For example <code>run.loss.last &gt; 5</code>, or <code>run.loss is nan</code>.
          </span>
        )}
      </p>
      <ComparisonFields rules={rules} onChange={onChange} />
    </div>
  );
}

function StopRuleFields({
  at,
  stop,
  onChange,
  onRemove,
}: {
  at: number;
  stop: StopDraft;
  onChange: (stop: StopDraft) => void;
  onRemove: () => void;
}): ReactNode {
  return (
    <div className="stop-rule" role="group" aria-label={`Stop condition ${at + 1}`}>
      <QueryBox
        query=""
        problem={null}
        searching={false}
        before="* if "
        label={`Stop a trial if, condition ${at + 1}`}
        placeholder="run.loss.last > 5"
        onType={(query) => onChange({ ...stop, query })}
        onSearch={() => undefined}
        onCancel={() => undefined}
      />
      <span className="stop-after">
        <NumberField
          label="after"
          unit="steps"
          value={stop.after}
          min={0}
          onChange={(after) => onChange({ ...stop, after })}
        />
        <Button small icon="close" tip="Remove this condition" onClick={onRemove} />
      </span>
    </div>
  );
}

function ComparisonFields({
  rules,
  onChange,
}: {
  rules: RulesDraft;
  onChange: (rules: RulesDraft) => void;
}): ReactNode {
  const id = useId();
  const { compared, metric, after, atLeast, minSteps, eta } = rules;
  const named = useMetricNames(metric);
  const directions = useDirections();
  return (
    <div className="comparison">
      <fieldset className="segments">
        <legend>Compare with other trials</legend>
        {COMPARED.map(({ value, label }) => (
          <label key={value} className="radio">
            <input
              type="radio"
              name={id}
              checked={compared === value}
              onChange={() => onChange({ ...rules, compared: value })}
            />
            {label}
          </label>
        ))}
      </fieldset>
      {compared !== 'none' && (
        <div className="inline-fields">
          <label className="inline-field">
            <span>Metric</span>
            <input
              className="field mono"
              list={`${id}-metrics`}
              value={metric}
              placeholder="loss.val"
              spellCheck={false}
              aria-invalid={metric.trim() === ''}
              onChange={(event) => onChange({ ...rules, metric: event.target.value })}
            />
            <datalist id={`${id}-metrics`}>
              {named?.names.map((name) => (
                <option key={name} value={name} />
              ))}
            </datalist>
          </label>
          <Choice
            label="Better values"
            value={directionIn(rules, directions.of)}
            options={DIRECTIONS}
            onChange={(direction) => onChange({ ...rules, direction })}
          />
          {compared === 'median' ? (
            <>
              <NumberField
                label="after"
                unit="steps"
                value={after}
                min={0}
                onChange={(next) => onChange({ ...rules, after: next })}
              />
              <NumberField
                label="min. finished trials"
                unit="finished"
                value={atLeast}
                min={1}
                onChange={(next) => onChange({ ...rules, atLeast: next })}
              />
            </>
          ) : (
            <>
              <NumberField
                label="first at"
                unit="steps"
                value={minSteps}
                min={1}
                onChange={(next) => onChange({ ...rules, minSteps: next })}
              />
              <NumberField
                label="keep 1 of"
                value={eta}
                min={2}
                onChange={(next) => onChange({ ...rules, eta: next })}
              />
            </>
          )}
        </div>
      )}
      {compared === 'median' && (
        <p className="quiet">
          A trial is stopped if its best value is worse than the median of the running averages of finished trials at
          the same step.
        </p>
      )}
      {compared === 'halving' && (
        <p className="quiet">
          At {rungs(minSteps, eta).join(', ')}, … steps, a trial continues only if it is among the best 1/{eta} of the
          trials that have reached that step.
        </p>
      )}
    </div>
  );
}
