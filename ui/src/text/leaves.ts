/** The params of a run as paths and values, in the order in which they were recorded. Lists are values. */
export interface Leaf {
  readonly path: readonly string[];
  readonly value: unknown;
}

export const isBranch = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && Object.keys(value).length > 0;

export function leavesOf(params: Record<string, unknown>, before: readonly string[] = []): Leaf[] {
  return Object.entries(params).flatMap(([name, value]) =>
    isBranch(value) ? leavesOf(value, [...before, name]) : [{ path: [...before, name], value }],
  );
}
