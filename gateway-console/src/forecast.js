// When a quota runs out, if it goes on as it has.

/**
 * @typedef {object} Usage a row of /users/{id}/usage
 * @property {string} meter
 * @property {string} window
 * @property {number} used
 * @property {number | null} most
 * @property {number | null} remaining
 * @property {string} period_start
 * @property {string | null} resets_at
 *
 * @typedef {{start: string, requests: number, request_bytes: number, response_bytes: number}} Traffic
 */

/** @type {Record<string, (row: Traffic) => number>} */
const PARTS = {
  'requests': (row) => row.requests,
  'bytes': (row) => row.request_bytes + row.response_bytes,
  'request-bytes': (row) => row.request_bytes,
  'response-bytes': (row) => row.response_bytes,
};

/** Whether the history says how it was used. @param {string} meter */
export const hasHistory = (meter) => meter in PARTS;

/**
 * What was left at each moment of the period: seconds, and amounts. What the history does not know of (its rows come a
 * second late, and use may have been begun anew) lies before its first row.
 *
 * @param {Usage} usage with a quota
 * @param {Traffic[]} history of the period, in order
 * @param {number} now in milliseconds
 * @returns {[number[], number[]]}
 */
export function burnDown(usage, history, now) {
  const most = /** @type {number} */ (usage.most);
  const part = PARTS[usage.meter];
  const total = history.reduce((sum, row) => sum + part(row), 0);
  let used = Math.max(0, usage.used - total);
  /** @type {[number[], number[]]} */
  const line = [[Date.parse(usage.period_start) / 1000], [Math.max(0, most - used)]];
  for (const row of history) {
    const start = Date.parse(row.start) / 1000;
    if (start > line[0][line[0].length - 1]) {
      line[0].push(start);
      line[1].push(Math.max(0, most - used));
    }
    used = Math.min(usage.used, used + part(row));
  }
  line[0].push(now / 1000);
  line[1].push(Math.max(0, most - usage.used));
  return line;
}

/**
 * What the pace of the period so far leads to.
 *
 * @param {Usage} usage with a quota and an end of its period
 * @param {number} now in milliseconds
 * @returns {{runsOut: number | null, left: number}} runsOut: in milliseconds, null when it lasts to the end, at which so
 *     much is left
 */
export function forecast(usage, now) {
  const begins = Date.parse(usage.period_start);
  const ends = Date.parse(/** @type {string} */ (usage.resets_at));
  const most = /** @type {number} */ (usage.most);
  const pace = usage.used / Math.max(1, now - begins);
  const left = most - usage.used - pace * (ends - now);
  if (usage.used >= most) {
    return { runsOut: now, left: 0 };
  }
  return left >= 0 ? { runsOut: null, left } : { runsOut: now + (most - usage.used) / pace, left: 0 };
}
