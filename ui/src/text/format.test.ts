import { expect, test } from 'vitest';
import { agoText } from './ago';
import { dateText, exactDateText, isoDateText, zoneText } from './format';

test.each([1e30, -1e30, 8.64e12 + 1, NaN, Infinity])('%d seconds are in no calendar', (seconds) => {
  expect([dateText(seconds), exactDateText(seconds), isoDateText(seconds)]).toEqual(['–', '–', undefined]);
});

test('a time for machines', () => expect(isoDateText(1.7e9)).toBe('2023-11-14T22:13:20.000Z'));

test('the time zone has its offset, for servers that do not know its name', () => {
  expect(zoneText()).toMatch(/^[^ ]+ [+-]\d\d:\d\d$/);
});

test('how long ago it was is not told', () => expect(agoText(-1e30, 0)).toBe('–'));
