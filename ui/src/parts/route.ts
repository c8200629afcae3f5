import type { ComponentType } from 'react';
import type { IconName } from './design/Icon';

/** A page and the way to it. Those with an `icon` stand in the navigation; `within` names the one that is lit there for the others. */
export interface Route {
  /** The `page` parameter of the address. */
  readonly page: string;
  readonly title: string;
  readonly icon?: IconName;
  readonly within?: string;
  readonly load: () => Promise<{ default: ComponentType }>;
}
