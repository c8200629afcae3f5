/**
 * Plain controls: buttons, switch, slider, choice and check box. They are native elements, so keyboard and assistive
 * tools work.
 */
import type { ButtonHTMLAttributes, ReactNode, Ref } from 'react';
import { Icon, type IconName } from './Icon';

export interface ButtonProps extends Omit<ButtonHTMLAttributes<HTMLButtonElement>, 'className'> {
  icon?: IconName;
  look?: 'plain' | 'outline' | 'primary' | 'danger';
  active?: boolean;
  tip?: string;
  small?: boolean;
  ref?: Ref<HTMLButtonElement>;
}

export function Button({
  icon,
  look = 'plain',
  active = false,
  small = false,
  tip,
  children,
  ...rest
}: ButtonProps): ReactNode {
  const classes = ['button', look, small ? 'small' : '', active ? 'active' : '', children ? '' : 'square']
    .filter(Boolean)
    .join(' ');
  return (
    <button
      type="button"
      {...rest}
      className={classes}
      data-tip={tip}
      aria-label={rest['aria-label'] ?? (children ? undefined : tip)}
    >
      {icon && <Icon name={icon} size={small ? 14 : 16} />}
      {children}
    </button>
  );
}

export function Switch({
  checked,
  onChange,
  children,
}: {
  checked: boolean;
  onChange: (checked: boolean) => void;
  children: ReactNode;
}): ReactNode {
  return (
    <button type="button" role="switch" aria-checked={checked} className="switch" onClick={() => onChange(!checked)}>
      <span className="switch-track" aria-hidden="true">
        <span className="switch-thumb" />
      </span>
      <span className="switch-label">{children}</span>
    </button>
  );
}

export function Checkbox({
  checked,
  mixed = false,
  onChange,
  label,
  tabIndex,
}: {
  checked: boolean;
  mixed?: boolean;
  onChange: (checked: boolean, range: boolean) => void;
  label: string;
  tabIndex?: number;
}): ReactNode {
  return (
    <button
      type="button"
      role="checkbox"
      aria-checked={mixed ? 'mixed' : checked}
      aria-label={label}
      tabIndex={tabIndex}
      className="check"
      onClick={(event) => onChange(!checked, event.shiftKey)}
    >
      {mixed ? <span className="check-mixed" /> : checked ? <Icon name="check" size={12} /> : null}
    </button>
  );
}

export function Choice<T extends string>({
  value,
  options,
  onChange,
  label,
}: {
  value: T;
  options: readonly { value: T; label: string }[];
  onChange: (value: T) => void;
  label: string;
}): ReactNode {
  return (
    <span className="choice">
      <select aria-label={label} value={value} onChange={(event) => onChange(event.target.value as T)}>
        {options.map((option) => (
          <option key={option.value} value={option.value}>
            {option.label}
          </option>
        ))}
      </select>
      <Icon name="down" size={12} />
    </span>
  );
}

export function Slider({
  value,
  max,
  step,
  onChange,
  label,
  text,
}: {
  value: number;
  max: number;
  step: number;
  onChange: (value: number) => void;
  label: string;
  text: string;
}): ReactNode {
  return (
    <span className="slider">
      <input
        type="range"
        min={0}
        max={max}
        step={step}
        value={value}
        aria-label={label}
        aria-valuetext={text}
        onChange={(event) => onChange(Number(event.target.value))}
      />
      <output>{text}</output>
    </span>
  );
}
