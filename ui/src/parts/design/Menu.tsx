/** A short list of commands or choices behind a button. */
import type { ReactNode } from 'react';
import type { ButtonProps } from './controls';
import { Icon, type IconName } from './Icon';
import { PopoverButton, walkItems } from './Popover';

export interface MenuItem {
  label: string;
  detail?: string;
  icon?: IconName;
  chosen?: boolean;
  /** A toggle, instead of one of several choices. */
  toggles?: boolean;
  disabled?: boolean;
  onSelect: () => void;
}

export function Menu({
  items,
  empty,
  label,
  ...button
}: Omit<ButtonProps, 'ref'> & { items: readonly MenuItem[]; empty?: string; label: string; end?: boolean }): ReactNode {
  return (
    <PopoverButton
      {...button}
      label={label}
      panel={(close) => (
        <div className="menu" role="menu" aria-label={label} onKeyDown={walkItems}>
          {items.length === 0 && <p className="menu-empty">{empty}</p>}
          {items.map((item) => (
            <button
              key={item.label}
              type="button"
              role={roleOf(item)}
              aria-checked={item.chosen}
              data-item
              className="menu-item"
              disabled={item.disabled}
              onClick={() => {
                close();
                item.onSelect();
              }}
            >
              {item.icon && <Icon name={item.icon} />}
              <span className="menu-label">
                <bdi>{item.label}</bdi>
              </span>
              {item.detail && (
                <span className="menu-detail">
                  <bdi>{item.detail}</bdi>
                </span>
              )}
              {item.chosen !== undefined && (
                <span className="menu-mark">{item.chosen && <Icon name="check" size={14} />}</span>
              )}
            </button>
          ))}
        </div>
      )}
    />
  );
}

const roleOf = ({ chosen, toggles }: MenuItem): string =>
  chosen === undefined ? 'menuitem' : toggles ? 'menuitemcheckbox' : 'menuitemradio';
