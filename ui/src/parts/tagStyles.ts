/** The colors that people gave to tags, asked for once for each data source and shared by every chip. */
import { useEffect, useSyncExternalStore } from 'react';
import type { Tag } from '../wire';
import { sharedAnswer } from './sharedAnswer';

const useStyles = sharedAnswer<ReadonlyMap<string, Tag>>(new Map(), async (api) => {
  const { tags } = await api.ask.tags();
  return new Map(tags.map((tag) => [tag.name, tag]));
});

export const useRefreshTags = (): (() => void) => useStyles().refresh;

export function useTagStyles(): ReadonlyMap<string, Tag> {
  const styles = useStyles();
  useEffect(() => styles.load(), [styles]);
  return useSyncExternalStore(styles.subscribe, () => styles.current);
}
