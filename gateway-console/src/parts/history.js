// What was transferred, as rows of time: filled up, summed and drawn.

/**
 * @typedef {{start: string, endpoint?: string, requests: number, request_bytes: number, response_bytes: number, errors: number}} Row
 * @typedef {'minute' | 'hour' | 'day'} By
 */

const HOUR_MS = 3600_000;

/**
 * How far back one can look: what a row is, how long that is in seconds, and how it is called. Answers have 1,500 rows at
 * the most.
 *
 * @type {{by: By, seconds: number, ms: number, name: string}[]}
 */
export const SPANS = [
  { by: 'minute', seconds: 60, ms: HOUR_MS, name: 'the last hour, by the minute' },
  { by: 'minute', seconds: 60, ms: 12 * HOUR_MS, name: 'the last 12 hours, by the minute' },
  { by: 'hour', seconds: 3600, ms: 24 * HOUR_MS, name: 'the last 24 hours, by the hour' },
  { by: 'hour', seconds: 3600, ms: 168 * HOUR_MS, name: 'the last 7 days, by the hour' },
  { by: 'day', seconds: 86400, ms: 720 * HOUR_MS, name: 'the last 30 days, by the day' },
];

/** @type {Row} */
const NOTHING = { start: '', requests: 0, request_bytes: 0, response_bytes: 0, errors: 0 };

/** @param {Row} a @param {Row} b @returns {Row} */
const plus = (a, b) => ({
  start: a.start || b.start,
  requests: a.requests + b.requests,
  request_bytes: a.request_bytes + b.request_bytes,
  response_bytes: a.response_bytes + b.response_bytes,
  errors: a.errors + b.errors,
});

/** All of them in one. @param {Row[]} rows */
export const total = (rows) => rows.reduce(plus, NOTHING);

/** Those of the same time in one, in the order of time. @param {Row[]} rows @returns {Row[]} */
export function together(rows) {
  /** @type {Map<string, Row>} */
  const byStart = new Map();
  for (const row of rows) {
    byStart.set(row.start, plus(byStart.get(row.start) ?? NOTHING, row));
  }
  return [...byStart.values()].sort((a, b) => Date.parse(a.start) - Date.parse(b.start));
}

/**
 * Lines for a chart, with zeros where there was no traffic: rows without any are left out of an answer.
 *
 * @param {Row[]} rows in the order of time, one for each time
 * @param {number} from in milliseconds, where a row begins
 * @param {number} to in milliseconds
 * @param {number} step the length of a row, in seconds; days of another length are rows where they are
 * @param {((row: Row) => number)[]} values
 * @returns {number[][]} seconds, then the values of each line
 */
export function lines(rows, from, to, step, values) {
  const data = [/** @type {number[]} */ ([]), ...values.map(() => /** @type {number[]} */ ([]))];
  const put = (/** @type {number} */ seconds, /** @type {Row} */ row) => {
    data[0].push(seconds);
    values.forEach((value, i) => data[i + 1].push(value(row)));
  };
  let next = from / 1000;
  for (const row of rows) {
    const start = Date.parse(row.start) / 1000;
    for (; next <= start - step; next += step) {
      put(next, NOTHING);
    }
    put(start, row);
    next = start + step;
  }
  for (; next < to / 1000; next += step) {
    put(next, NOTHING);
  }
  return data;
}
