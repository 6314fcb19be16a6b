// Limits and quotas, of users, tenants and plans: how they are edited, and what they are in words.

import { html } from 'lit';
import { amount, count, words } from '../format.js';

/**
 * @typedef {{permits: number, period: string, burst?: number, algorithm: string, shadow: boolean}} Limit
 * @typedef {{meter: string, window: string, most: number, beyond: string, cap?: number | null, shadow: boolean}} Quota
 */

/** @type {import('./rows.js').Column[]} */
export const LIMIT_COLUMNS = [
  { name: 'permits', label: 'Permits', type: 'number' },
  { name: 'period', label: 'In', type: 'text' },
  { name: 'burst', label: 'Burst', type: 'number', optional: true },
  {
    name: 'algorithm',
    label: 'Counted by',
    type: 'choice',
    choices: ['token-bucket', 'sliding-window', 'sliding-log', 'fixed-window', 'concurrency'],
  },
  { name: 'shadow', label: 'Shadow', type: 'boolean' },
];

export const FRESH_LIMIT = { permits: 100, period: '1m', algorithm: 'token-bucket', shadow: false };

export const LIMIT_HELP = html`All of them hold. A period is <code>1s</code>, <code>5m</code>, <code>1h</code> or <code>1d</code>.
  Only a token bucket has a burst; requests under way (<code>concurrency</code>) need no period.`;

/** @param {Limit} limit */
export function limitWords(limit) {
  const what = limit.algorithm === 'concurrency' ? `${count(limit.permits)} under way` : `${count(limit.permits)} in ${limit.period}`;
  const burst = limit.burst !== undefined && limit.burst !== limit.permits ? `, burst ${count(limit.burst)}` : '';
  return `${what}${burst}${limit.algorithm === 'token-bucket' ? '' : ` (${words(limit.algorithm)})`}${limit.shadow ? ', shadow' : ''}`;
}

/** @type {import('./rows.js').Column[]} */
export const QUOTA_COLUMNS = [
  { name: 'meter', label: 'Meter', type: 'choice', choices: ['requests', 'bytes', 'request-bytes', 'response-bytes', 'pixels', 'stored-bytes'] },
  { name: 'window', label: 'In a', type: 'choice', choices: ['day', 'month', 'lifetime'] },
  { name: 'most', label: 'At most', type: 'number' },
  { name: 'beyond', label: 'Beyond', type: 'choice', choices: ['hard', 'soft', 'overage'] },
  { name: 'cap', label: 'Cap', type: 'number', optional: true },
  { name: 'shadow', label: 'Shadow', type: 'boolean' },
];

/** What users store is theirs and not their keys'. */
export const KEY_QUOTA_COLUMNS = QUOTA_COLUMNS.map((column) =>
  column.name === 'meter' ? { ...column, choices: column.choices?.filter((meter) => meter !== 'stored-bytes') } : column,
);

export const FRESH_QUOTA = { meter: 'requests', window: 'day', most: 10000, beyond: 'hard', shadow: false };

export const QUOTA_HELP = html`Each meter once a window. Bytes and pixels are counted one by one. <code>hard</code> refuses, <code>soft</code> only
  counts, <code>overage</code> goes on up to the cap.`;

/** @param {Quota} quota */
export function quotaWords(quota) {
  const beyond = quota.beyond === 'hard' ? '' : `, ${quota.beyond}`;
  const cap = quota.cap === null || quota.cap === undefined ? '' : ` up to ${amount(quota.cap, quota.meter)}`;
  return `${amount(quota.most, quota.meter)} ${words(quota.meter)} a ${quota.window}${beyond}${cap}${quota.shadow ? ', shadow' : ''}`;
}

/**
 * Whose limits or quotas hold, in words.
 *
 * @type {Record<string, string>}
 */
export const ORIGINS = { own: 'Their own', plan: 'Those of their plan', configuration: 'Those of the configuration' };
