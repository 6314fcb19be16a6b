import { html, nothing } from 'lit';
import { call, path } from '../api.js';
import { at } from '../format.js';
import { fieldOf, say } from './common.js';
import { ask } from './dialog.js';

/**
 * @typedef {'network' | 'country' | 'key' | 'user'} Kind
 *
 * @typedef {object} Block
 * @property {string} id
 * @property {Kind} kind
 * @property {string} value
 * @property {string} reason
 * @property {'enforced' | 'shadow'} enforcement
 * @property {'administrator' | 'automatic'} source
 * @property {string} created_at
 * @property {string | null} expires_at
 * @property {number} strikes
 */

/**
 * What the value of each kind is, in words.
 *
 * @type {Record<Kind, string>}
 */
const VALUES = {
  network: 'Address or network: 203.0.113.7, 203.0.113.0/24, 2001:db8::/48',
  country: 'Two capital letters of the country: DE',
  key: 'Id of the key',
  user: 'Id of the user',
};

/** How long a block lasts, and its length in hours. @type {[string, number | null][]} */
const LENGTHS = [['1 hour', 1], ['24 hours', 24], ['7 days', 168], ['30 days', 720], ['until somebody lifts it', null]];

const USUAL_HOURS = 24;

/** Whether it holds; trying comes first. @param {string} chosen */
const enforcements = (chosen) => html`<fieldset class="stacked"><legend>What it does</legend>
  <label class="check"><input type="radio" name="enforcement" value="shadow" ?checked=${chosen === 'shadow'}>
    Shadow: lets everybody pass, and counts who would be refused</label>
  <label class="check"><input type="radio" name="enforcement" value="enforced" ?checked=${chosen === 'enforced'}>
    Enforced: refuses, on all nodes within a second</label></fieldset>`;

const FORCE = html`<label class="check"><input type="checkbox" name="force" value="true"> Also if it keeps out my own address</label>`;

/** @param {HTMLFormElement} form */
const query = (form) => (fieldOf(form, 'force') ? '?force=true' : '');

/**
 * Keeps somebody out.
 *
 * @param {{kind: Kind, value: string, reason: string}} given
 * @param {() => unknown} done
 */
export function addBlock(given, done) {
  ask({
    title: given.value ? `Block ${given.value}?` : 'Block somebody',
    body: html`
      ${given.value
        ? html`<input type="hidden" name="kind" .value=${given.kind}><input type="hidden" name="value" .value=${given.value}>`
        : html`<label class="field">Who
              <select name="kind" @change=${(/** @type {any} */ e) => {
                e.target.form.querySelector('.of-value > span').textContent = VALUES[/** @type {Kind} */ (e.target.value)];
              }}>${Object.keys(VALUES).map((kind) => html`<option value=${kind} ?selected=${kind === given.kind}>${kind}</option>`)}</select></label>
            <label class="field of-value"><span>${VALUES[given.kind]}</span><input name="value" autocomplete="off" spellcheck="false"></label>`}
      <label class="field">Why, for administrators<input name="reason" maxlength="500" autocomplete="off" .value=${given.reason}></label>
      <label class="field">For how long
        <select name="hours">${LENGTHS.map(([text, hours]) => html`<option value=${hours ?? ''} ?selected=${hours === USUAL_HOURS}>${text}</option>`)}</select></label>
      ${enforcements('shadow')} ${FORCE}`,
    yes: 'Block',
    danger: true,
    action: async (form) => {
      const hours = fieldOf(form, 'hours');
      const { data } = await call('POST', `/blocks${query(form)}`, {
        kind: fieldOf(form, 'kind'),
        value: fieldOf(form, 'value'),
        reason: fieldOf(form, 'reason'),
        enforcement: fieldOf(form, 'enforcement'),
        expires_at: hours ? new Date(Date.now() + Number(hours) * 3600_000).toISOString() : null,
      });
      say(data.enforcement === 'shadow' ? `${data.value} would be refused from now on; that is counted.` : `${data.value} is kept out.`);
      await done();
    },
  });
}

/**
 * Changes why, how and for how long somebody is kept out.
 *
 * @param {Block} listed
 * @param {() => unknown} done
 */
export async function changeBlock(listed, done) {
  const { data: block, etag } = await call('GET', path`/blocks/${listed.id}`);
  ask({
    title: `Change the block of ${block.value}`,
    body: html`<label class="field">Why, for administrators<input name="reason" maxlength="500" autocomplete="off" .value=${block.reason}></label>
      <label class="field">For how long, from now
        <select name="hours"><option value="same" selected>as it is: ${block.expires_at ? `until ${at(block.expires_at)}` : 'until somebody lifts it'}</option>
          ${LENGTHS.map(([text, hours]) => html`<option value=${hours ?? ''}>${text}</option>`)}</select></label>
      ${enforcements(block.enforcement)} ${block.enforcement === 'shadow' ? FORCE : nothing}`,
    yes: 'Change',
    action: async (form) => {
      const hours = fieldOf(form, 'hours');
      await call(
        'PATCH',
        path`/blocks/${block.id}` + query(form),
        {
          reason: fieldOf(form, 'reason'),
          enforcement: fieldOf(form, 'enforcement'),
          ...(hours === 'same' ? {} : { expires_at: hours ? new Date(Date.now() + Number(hours) * 3600_000).toISOString() : null }),
        },
        { etag },
      );
      say('The block was changed.');
      await done();
    },
    again: () => changeBlock(listed, done),
  });
}

/**
 * Lets somebody in again.
 *
 * @param {Block} block
 * @param {() => unknown} done
 */
export function liftBlock(block, done) {
  ask({
    title: `Lift the block of ${block.value}?`,
    body: html`<p>${block.enforcement === 'shadow'
      ? 'It refuses nobody; it is not counted any more who it would refuse.'
      : 'They may call again, on all nodes within a second.'}
      ${block.source === 'automatic' ? 'What they have done is forgotten.' : ''}</p>`,
    yes: 'Lift',
    action: async () => {
      await call('DELETE', path`/blocks/${block.id}`);
      say(`The block of ${block.value} was lifted.`);
      await done();
    },
  });
}
