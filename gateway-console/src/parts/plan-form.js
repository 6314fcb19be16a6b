import { html } from 'lit';
import { ApiError, call, path } from '../api.js';
import { fieldOf, linesOf, say } from './common.js';
import { ask } from './dialog.js';
import { FRESH_LIMIT, FRESH_QUOTA, LIMIT_COLUMNS, LIMIT_HELP, QUOTA_COLUMNS, QUOTA_HELP } from './rules.js';
import './rows.js';

/**
 * @typedef {object} Plan
 * @property {string} name
 * @property {string} title
 * @property {{user: import('./rules.js').Limit[] | null, key: import('./rules.js').Limit[] | null}} limits
 * @property {import('./rules.js').Quota[] | null} quotas
 * @property {string[]} scopes
 * @property {Record<string, string>} options
 */

/** @type {import('./rows.js').Column[]} */
const OPTION_COLUMNS = [
  { name: 'name', label: 'Name', type: 'text' },
  { name: 'value', label: 'Value', type: 'text' },
];

const AS_CONFIGURED = 'As the configuration says';

/** @type {Plan} */
const FRESH = { name: '', title: '', limits: { user: null, key: null }, quotas: null, scopes: [], options: {} };

/**
 * Makes a plan, or changes one, for all who are on it.
 *
 * @param {{plan: Plan, etag: string | null} | null} read the plan as it was read; null: a new one
 * @param {(name: string) => unknown} done
 */
export function editPlan(read, done) {
  const plan = read?.plan ?? FRESH;
  const options = Object.entries(plan.options).map(([name, value]) => ({ name, value }));
  ask({
    title: read ? `Change ${plan.title || plan.name}` : 'Make a plan',
    wide: true,
    body: html`
      ${read
        ? html`<p class="note">It holds for all who are on it, on all nodes within a second.</p>`
        : html`<label class="field">Name, of small letters, digits, <code>.</code>, <code>_</code> and <code>-</code>
            <input name="name" maxlength="64" autocomplete="off" spellcheck="false" placeholder="pro"></label>`}
      <label class="field">What people call it<input name="title" maxlength="100" autocomplete="off" .value=${plan.title}></label>
      <fieldset><legend>Limits of each user</legend>
        <p class="note">${LIMIT_HELP}</p>
        ${rows('user', 'limits of each user', LIMIT_COLUMNS, plan.limits.user, FRESH_LIMIT, AS_CONFIGURED)}</fieldset>
      <fieldset><legend>Limits of each of their keys</legend>
        ${rows('key', 'limits of each key', LIMIT_COLUMNS, plan.limits.key, FRESH_LIMIT, AS_CONFIGURED)}</fieldset>
      <fieldset><legend>Quotas of each user</legend>
        <p class="note">${QUOTA_HELP}</p>
        ${rows('quotas', 'quotas', QUOTA_COLUMNS, plan.quotas, FRESH_QUOTA, AS_CONFIGURED)}</fieldset>
      <label class="field">What may be called, one scope a line; nothing: everything
        <textarea name="scopes" rows="3" spellcheck="false" placeholder="GET /img/" .value=${plan.scopes.join('\n')}></textarea></label>
      <fieldset><legend>Options, for gates of your own and the application behind</legend>
        ${rows('options', 'options', OPTION_COLUMNS, options, { name: '', value: '' }, '')}</fieldset>`,
    yes: read ? 'Keep' : 'Make',
    action: async (form) => {
      const name = read ? plan.name : fieldOf(form, 'name');
      if (!name) {
        throw new ApiError(0, 'No name', 'Say how the plan is called.');
      }
      const value = (/** @type {string} */ list) => /** @type {any} */ (form.querySelector(`gh-rows[data-list=${list}]`)).value;
      const document = {
        title: fieldOf(form, 'title'),
        limits: { user: value('user'), key: value('key') },
        quotas: value('quotas'),
        scopes: linesOf(form, 'scopes'),
        options: optionsOf(value('options')),
      };
      await call('PUT', path`/plans/${name}`, document, read ? { etag: read.etag } : { fresh: true });
      say(read ? 'The plan was changed.' : 'The plan was made.');
      await done(name);
    },
    again: read
      ? async () => {
          const { data, etag } = await call('GET', path`/plans/${plan.name}`);
          editPlan({ plan: data, etag }, done);
        }
      : undefined,
  });
}

/**
 * @param {string} list
 * @param {string} label
 * @param {import('./rows.js').Column[]} columns
 * @param {any[] | null} start
 * @param {Record<string, any>} fresh
 * @param {string} absent
 */
const rows = (list, label, columns, start, fresh, absent) =>
  html`<gh-rows data-list=${list} .label=${label} .columns=${columns} .start=${start} .fresh=${fresh} .absent=${absent}></gh-rows>`;

/** @param {{name: string, value: string}[]} list */
function optionsOf(list) {
  const names = list.map((each) => each.name);
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined) {
    throw new ApiError(0, 'One of them twice', '', [{ field: `options.${twice}`, detail: 'is there twice' }]);
  }
  return Object.fromEntries(list.map((each) => [each.name, each.value]));
}
