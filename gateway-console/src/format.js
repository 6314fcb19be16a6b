// Numbers, lengths of time and moments, for people.

const number = new Intl.NumberFormat('en');
const compact = new Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: 1 });
const moment = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'short' });
const clock = new Intl.DateTimeFormat('en-GB', { timeStyle: 'medium' });
const day = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium' });

/** @param {number} value */
export const count = (value) => number.format(value);

/** @param {number} value */
export const short = (value) => compact.format(value);

/** @param {number} value so many in a second */
export const rate = (value) => (value < 10 && value % 1 !== 0 ? value.toFixed(1) : number.format(Math.round(value)));

/** @param {number} ms */
export function millis(ms) {
  if (ms >= 1000) {
    return `${(ms / 1000).toFixed(2)} s`;
  }
  if (ms === 0) {
    return '0 ms';
  }
  return `${ms < 10 ? ms.toFixed(2) : ms < 100 ? ms.toFixed(1) : Math.round(ms)} ms`;
}

/** @param {number} value */
export function bytes(value) {
  const units = ['B', 'KB', 'MB', 'GB', 'TB', 'PB'];
  let unit = 0;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${unit === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${units[unit]}`;
}

/**
 * So much of what a meter measures.
 *
 * @param {number} value
 * @param {string} meter
 */
export function amount(value, meter) {
  return meter.endsWith('bytes') ? bytes(value) : value >= 1_000_000 ? short(value) : count(value);
}

/** @param {number | string | Date} value */
export const at = (value) => moment.format(new Date(value));

/** @param {number | string | Date} value */
export const time = (value) => clock.format(new Date(value));

/** @param {number | string | Date} value */
export const date = (value) => day.format(new Date(value));

/** @param {number} seconds */
export function span(seconds) {
  const units = /** @type {[number, string][]} */ ([[86400, 'd'], [3600, 'h'], [60, 'min']]);
  for (const [size, name] of units) {
    if (seconds >= size * 2) {
      return `${Math.floor(seconds / size)} ${name}`;
    }
  }
  return `${Math.max(0, Math.round(seconds))} s`;
}

/**
 * How long ago, or in how long.
 *
 * @param {string} value a moment
 */
export function age(value) {
  const seconds = (Date.now() - new Date(value).getTime()) / 1000;
  return seconds >= 0 ? `${span(seconds)} ago` : `in ${span(-seconds)}`;
}

/**
 * A name of the API as words: `rate_limited`, `half_open`.
 *
 * @param {string} name
 */
export const words = (name) => name.replaceAll('_', ' ').replaceAll('-', ' ');

/** @param {number} part @param {number} whole */
export const percent = (part, whole) => (whole === 0 ? 0 : Math.min(100, Math.max(0, (part / whole) * 100)));
