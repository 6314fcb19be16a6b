import assert from 'node:assert/strict';
import { test } from 'node:test';
import { burnDown, forecast } from '../src/forecast.js';

const DAY = { meter: 'requests', window: 'day', period_start: '2026-11-24T00:00:00Z', resets_at: '2026-11-25T00:00:00Z' };
const at = (hour) => Date.parse(`2026-11-24T${String(hour).padStart(2, '0')}:00:00Z`);
const row = (hour, requests) => ({ start: new Date(at(hour)).toISOString(), requests, request_bytes: 0, response_bytes: 0 });

test('a quota runs out where the line through its use meets it', () => {
  assert.deepEqual(forecast({ ...DAY, used: 50, most: 100, remaining: 50 }, at(6)), { runsOut: at(12), left: 0 });
});

test('what lasts to the end leaves something', () => {
  assert.deepEqual(forecast({ ...DAY, used: 25, most: 200, remaining: 175 }, at(6)), { runsOut: null, left: 100 });
});

test('what is used up has run out already', () => {
  assert.deepEqual(forecast({ ...DAY, used: 100, most: 100, remaining: 0 }, at(6)), { runsOut: at(6), left: 0 });
});

test('the line falls with each hour and ends at what is left', () => {
  const [times, left] = burnDown({ ...DAY, used: 30, most: 100, remaining: 70 }, [row(1, 10), row(3, 20)], at(5));

  assert.deepEqual(times, [at(0), at(1), at(3), at(5)].map((ms) => ms / 1000));
  assert.deepEqual(left, [100, 100, 90, 70]);
});

test('use that the history does not know was before it', () => {
  const [, left] = burnDown({ ...DAY, used: 30, most: 100, remaining: 70 }, [row(1, 10)], at(5));

  assert.deepEqual(left, [80, 80, 70]);
});

test('a count that was begun anew does not rise', () => {
  const [, left] = burnDown({ ...DAY, used: 5, most: 100, remaining: 95 }, [row(1, 40), row(3, 5)], at(5));

  assert.deepEqual(left, [100, 100, 95, 95]);
});
