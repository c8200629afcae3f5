import type { ComponentType } from 'react';
import type { IconName } from './design/Icon';

/**
 * A page and its link. Pages with an `icon` are in the navigation; `within` names the entry that is highlighted for the
 * others.
 */
export interface Route {
  /** The `page` parameter of the address. */
  readonly page: string;
  readonly title: string;
  readonly icon?: IconName;
  readonly within?: string;
  readonly load: () => Promise<{ default: ComponentType }>;
}
