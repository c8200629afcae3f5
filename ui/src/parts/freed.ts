/** What a deletion tells: what it removed, and what it could not remove from an object store. */
import type { ToastMessage } from './design/Toast';
import type { Deleted } from '../wire';

export const freedToast = (text: string, { left }: Deleted): ToastMessage =>
  left ? { text: `${text} ${left}`, tone: 'danger' } : { text };
