import { describe, expect, test } from 'vitest';
import { ApiError } from '../../data/error';
import { LongLists, type ListStore } from './lists';

const HIDDEN = Array.from({ length: 2000 }, (_, i) => `s${String(i).padStart(14, '0')}`).join('.');
const LONG = `?q=loss&hidden=${HIDDEN}&logX=1`;
const ID = '0123456789abcdef';

function lists(store: Partial<ListStore> = {}): LongLists {
  const none = (): Promise<string> =>
    Promise.reject(new ApiError({ message: '', hint: null, start: null, end: null }, 404));
  return new LongLists({ save: none, load: none, ...store });
}
const sorted = (search: string): string =>
  [...new URLSearchParams(search)]
    .map(String)
    .sort((a, b) => (a < b ? -1 : 1))
    .join();

describe('addresses with long lists', () => {
  test.each(['', '?q=loss', '?q=loss&hidden=sabc.sdef&open=gabc', `?q=${'a'.repeat(5000)}`])(
    '%.40s stays',
    (search) => {
      expect(lists().short(search)).toBe(search);
      expect(lists().whole(search)).toEqual({ search, missing: null });
    },
  );

  test('the id goes when the lists do', () => {
    expect(lists().short('?q=loss&kept=bold')).toBe('?q=loss');
    expect(lists().short('?kept=bold')).toBe('');
    expect(new URLSearchParams(lists().short(`${LONG}&kept=bold`)).get('kept')).not.toBe('bold');
  });

  test('a long one is short, and this browser finds what it leaves out', () => {
    const kept = lists();
    const short = kept.short(LONG);
    expect(short.length).toBeLessThan(60);
    expect(kept.short(LONG)).toBe(short);
    const { search, missing } = kept.whole(short);
    expect([sorted(search), missing]).toEqual([sorted(LONG), null]);
  });

  test('where it was stored, it has that id, and another browser finds it', async () => {
    let stored = '';
    const kept = lists({
      save: (text) => {
        stored = text;
        return Promise.resolve(ID);
      },
    });
    const short = kept.short(LONG);
    expect(await kept.keep(short)).toBe(true);
    const shared = kept.short(LONG);
    expect(new URLSearchParams(shared).get('kept')).toBe(ID);
    expect(await kept.keep(shared)).toBe(false);

    const other = lists({ load: () => Promise.resolve(stored) });
    expect(other.whole(shared).missing).toBe(ID);
    expect(await other.fetch(ID)).toBe(true);
    expect(sorted(other.whole(shared).search)).toBe(sorted(LONG));
  });

  test('where nothing may be stored, it stays in this browser, and nobody asks again', async () => {
    let asked = 0;
    const save = (): Promise<string> => {
      asked++;
      return Promise.reject(new ApiError({ message: '', hint: null, start: null, end: null }, 403));
    };
    const kept = lists({ save });
    const short = kept.short(LONG);
    expect([await kept.keep(short), await kept.keep(short), asked]).toEqual([false, false, 1]);
    expect(kept.whole(short).missing).toBe(null);
  });

  test('one that nobody has is missing', async () => {
    const kept = lists();
    expect(kept.whole('?q=loss&kept=unknown')).toEqual({ search: '?q=loss', missing: 'unknown' });
    expect(await kept.fetch('unknown')).toBe(false);
  });

  test('what was stored sets nothing but lists', async () => {
    const kept = lists({ load: () => Promise.resolve('hidden=sabc&q=evil&page=tokens') });
    await kept.fetch(ID);
    expect(kept.whole(`?q=loss&kept=${ID}`).search).toBe('?q=loss&hidden=sabc');
  });
});
