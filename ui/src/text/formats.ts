/** The names of formats of other trackers for people. */
import { FORMATS } from '../aimql';

export const formatTitle = (name: string): string => FORMATS.get(name) ?? name;
