/** An integer field inside a sentence. Invalid input keeps the previous value. */
import { useEffect, useState, type ReactNode } from 'react';

export function NumberField({
  label,
  unit,
  value,
  min,
  max = Number.MAX_SAFE_INTEGER,
  onChange,
  disabled = false,
}: {
  label: string;
  unit?: string;
  value: number;
  min: number;
  max?: number;
  onChange: (value: number) => void;
  disabled?: boolean;
}): ReactNode {
  const [text, setText] = useState(String(value));
  useEffect(() => setText((old) => (Number(old) === value ? old : String(value))), [value]);
  const read = (typed: string): number | null => {
    const number = Number(typed);
    return /^\d+$/.test(typed) && number >= min && number <= max ? number : null;
  };
  return (
    <label className="inline-field">
      <span>{label}</span>
      <input
        className="field number-field"
        type="number"
        min={min}
        max={max === Number.MAX_SAFE_INTEGER ? undefined : max}
        step={1}
        value={text}
        disabled={disabled}
        aria-label={unit ? `${label} … ${unit}` : label}
        aria-invalid={read(text) === null}
        onChange={(event) => {
          setText(event.target.value);
          const number = read(event.target.value);
          if (number !== null) onChange(number);
        }}
        onBlur={() => setText(String(value))}
      />
      {unit && <span>{unit}</span>}
    </label>
  );
}
