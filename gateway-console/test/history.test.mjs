import assert from 'node:assert/strict';
import { test } from 'node:test';
import { lines, together, total } from '../src/parts/history.js';

const at = (hour) => Date.parse(`2026-11-24T${String(hour).padStart(2, '0')}:00:00Z`);
const row = (hour, requests, more = {}) => ({ start: new Date(at(hour)).toISOString(), requests, request_bytes: 1, response_bytes: 2, errors: 0, ...more });

test('rows of several endpoints at the same time are one row, in the order of time', () => {
  const rows = together([row(3, 1, { endpoint: 'a' }), row(1, 5, { endpoint: 'b' }), row(3, 2, { endpoint: 'b', errors: 1 })]);

  assert.deepEqual(rows.map((each) => [each.start, each.requests, each.response_bytes, each.errors]), [
    [new Date(at(1)).toISOString(), 5, 2, 0],
    [new Date(at(3)).toISOString(), 3, 4, 1],
  ]);
  assert.equal(total(rows).requests, 8);
});

test('where there was no traffic the line is at zero, from the first row to the last', () => {
  const data = lines([row(1, 10), row(3, 20)], at(0), at(5), 3600, [(each) => each.requests, (each) => each.errors]);

  assert.deepEqual(data, [[0, 1, 2, 3, 4].map((hour) => at(hour) / 1000), [0, 10, 0, 20, 0], [0, 0, 0, 0, 0]]);
});

test('a day of 25 hours moves the rows after it, and makes none of its own', () => {
  const day = 86400;
  const start = (seconds) => ({ ...row(0, 1), start: new Date(at(0) + seconds * 1000).toISOString() });
  const data = lines([start(0), start(day + 3600), start(2 * day + 3600)], at(0), at(0) + (3 * day + 3600) * 1000, day, [(each) => each.requests]);

  assert.deepEqual(data, [[0, day + 3600, 2 * day + 3600].map((seconds) => at(0) / 1000 + seconds), [1, 1, 1]]);
});

test('a span without any row is a line of zeros', () => {
  assert.deepEqual(lines([], at(0), at(2), 3600, [(each) => each.requests]), [[at(0) / 1000, at(1) / 1000], [0, 0]]);
});
