import { DEFAULT_VIEW, type View } from '../../explorer/view/view';

/** Runs are not grouped by anything until somebody asks for it. */
export const RUN_VIEW: View = { ...DEFAULT_VIEW, color: [], stroke: [], chart: [] };
