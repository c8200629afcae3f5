import { SYSTEM } from '../wire';

const NAME = new RegExp(SYSTEM);

/** System metrics have their own namespace, as in Aim 3. */
export const isSystem = (name: string): boolean => NAME.test(name);

export const withoutSystem = (name: string): string => name.replace(NAME, '');
