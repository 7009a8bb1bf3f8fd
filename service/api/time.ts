/** RFC 3339: date, time, fraction, offset. */
const ISO = /^(\d{4})-(\d{2})-(\d{2})[Tt](\d{2}):(\d{2}):(\d{2})(?:\.\d{1,9})?(?:[Zz]|([+-])(\d{2}):(\d{2}))$/;

/** MySQL's DATETIME begins with the year 1000. */
const FIRST_YEAR = 1000;
const LAST_YEAR = 9999;

/**
 * Reads an ISO 8601 time with offset into MySQL's DATETIME in UTC, cut to the second: `2016-05-07T10:00:00+10:00` →
 * `2016-05-07 00:00:00`.
 * @returns undefined when it is none, such as the 30th of February, or out of DATETIME's range
 */
export function storedTime(text: string): string | undefined {
  const match = ISO.exec(text);
  if (match === null) return undefined;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = match.slice(1, 7).map(Number);
  const [offsetHour, offsetMinute] = [Number(match[8] ?? 0), Number(match[9] ?? 0)];
  if (hour > 23 || minute > 59 || second > 59 || offsetHour > 23 || offsetMinute > 59 || !isDay(year, month, day)) return undefined;
  const offset = (offsetHour * 60 + offsetMinute) * (match[7] === '-' ? -1 : 1);
  const utc = new Date(Date.UTC(year, month - 1, day, hour, minute - offset, second));
  if (utc.getUTCFullYear() < FIRST_YEAR || utc.getUTCFullYear() > LAST_YEAR) return undefined;
  return utc.toISOString().slice(0, 19).replace('T', ' ');
}

/** Date.UTC takes the 30th of February for the 2nd of March, and years below 100 for the 20th century. */
function isDay(year: number, month: number, day: number): boolean {
  const date = new Date(Date.UTC(year, month - 1, day));
  return year >= 100 && date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
}

/** `2016-05-07 00:00:00` → `2016-05-07T00:00:00+00:00`. */
export const answeredTime = (stored: string): string => `${stored.replace(' ', 'T')}+00:00`;
