import { html, nothing } from 'lit';
import { call, get, path } from '../api.js';
import { age, at, words } from '../format.js';
import { fieldOf, linesOf, problem, say, state } from '../parts/common.js';
import { ask } from '../parts/dialog.js';
import { hand } from '../parts/secret.js';
import { may } from '../session.js';
import { UserCard } from './card.js';

/**
 * @typedef {object} Key
 * @property {string} id
 * @property {string} name
 * @property {string} start
 * @property {string[]} scopes
 * @property {string[]} networks
 * @property {boolean} enabled
 * @property {string} created_at
 * @property {string | null} expires_at
 * @property {string | null} suspension
 * @property {string | null} replaces
 * @property {string | null} replaced_by
 * @property {string | null} last_used_at
 */

/** @type {[string, string][]} */
const GRACES = [['0s', 'none: it ends at once'], ['1h', '1 hour'], ['24h', '24 hours'], ['7d', '7 days'], ['30d', '30 days']];

/** What a user shows at the door: make, rotate, switch off, delete. A secret is shown once. */
class Keys extends UserCard {
  static properties = { ...UserCard.properties, keys: { state: true } };

  constructor() {
    super();
    /** @type {Key[] | null} */
    this.keys = null;
  }

  async read() {
    this.keys = (await get(path`/keys?user=${this.user}&limit=200`)).keys;
  }

  async add() {
    let secret = '';
    const made = await ask({
      title: 'Make a key',
      body: html`<label class="field">Name, for people<input name="name" maxlength="100" autocomplete="off" placeholder="website"></label>
        <label class="field">What it may do, one scope a line; nothing: everything
          <textarea name="scopes" rows="3" spellcheck="false" placeholder="GET /img/"></textarea></label>
        <label class="field">From where, besides what its user may: one address or network a line; nothing: from everywhere
          <textarea name="networks" rows="2" spellcheck="false" placeholder="10.0.0.0/8"></textarea></label>
        <label class="field">Ends<input name="expires" type="datetime-local"></label>`,
      yes: 'Make',
      action: async (form) => {
        const expires = fieldOf(form, 'expires');
        const { data } = await call('POST', '/keys', {
          user: this.user,
          name: fieldOf(form, 'name'),
          scopes: linesOf(form, 'scopes'),
          networks: linesOf(form, 'networks'),
          expires_at: expires ? new Date(expires).toISOString() : null,
        });
        secret = data.key;
      },
    });
    if (made) {
      await this.load();
      await hand('The new key', 'The key', secret);
    }
  }

  /** @param {Key} key */
  async rotate(key) {
    let secret = '';
    const made = await ask({
      title: `Rotate ${key.name || key.start}?`,
      body: html`<p>A successor is made with the same name, scopes and end. Both share one limit and one quota.</p>
        <label class="field">The old key goes on for
          <select name="grace">${GRACES.map(([value, name]) => html`<option value=${value} ?selected=${value === '24h'}>${name}</option>`)}</select></label>`,
      yes: 'Rotate',
      action: async (form) => {
        secret = (await call('POST', path`/keys/${key.id}/rotate`, { grace: fieldOf(form, 'grace') })).data.key;
      },
    });
    if (made) {
      await this.load();
      await hand('The successor', 'The key', secret);
    }
  }

  /** @param {Key} key */
  turn(key) {
    ask({
      title: `${key.enabled ? 'Disable' : 'Enable'} ${key.name || key.start}?`,
      body: html`<p>${key.enabled ? 'Whoever uses it is refused, on all nodes within a second.' : 'It is good again.'}</p>`,
      yes: key.enabled ? 'Disable' : 'Enable',
      danger: key.enabled,
      action: async () => {
        await call('PATCH', path`/keys/${key.id}`, { enabled: !key.enabled });
        say(key.enabled ? 'The key is disabled.' : 'The key is enabled.');
        await this.load();
      },
    });
  }

  /** @param {Key} key */
  erase(key) {
    ask({
      title: `Delete ${key.name || key.start}?`,
      body: html`<p>Whoever uses it is refused, on all nodes within a second. It does not come back.</p>`,
      typed: key.name || key.start,
      yes: 'Delete',
      danger: true,
      action: async () => {
        await call('DELETE', path`/keys/${key.id}`);
        say('The key was deleted.');
        await this.load();
      },
    });
  }

  render() {
    return html`
      <header class="card-head"><h2>Keys</h2>${may('addKey') ? html`<button type="button" class="primary" @click=${this.add}>Make a key</button>` : nothing}</header>
      ${problem(this.error)}
      ${this.keys?.length
        ? html`<div class="scroll"><table class="rows">
            <thead><tr><th scope="col">Name</th><th scope="col">Begins with</th><th scope="col">State</th><th scope="col">May</th>
              <th scope="col">Made</th><th scope="col">Used last</th><th scope="col">Ends</th><th scope="col"><span class="sr-only">Deeds</span></th></tr></thead>
            <tbody>${this.keys.map((key) => this.row(key))}</tbody></table></div>`
        : this.keys
          ? html`<p class="note">There is none. Without a key, requests of theirs are refused with 401.</p>`
          : nothing}
    `;
  }

  /** @param {Key} key */
  row(key) {
    const over = key.expires_at !== null && Date.parse(key.expires_at) <= Date.now();
    const name = key.name || key.start;
    return html`<tr>
      <th scope="row"><a href="#/keys/${key.id}">${key.name || 'no name'}</a><p class="note"><code>${key.id}</code></p></th>
      <td><code>${key.start}…</code></td>
      <td>${over ? state('bad', 'ended') : key.enabled ? state('good', 'enabled') : key.suspension ? state('bad', `suspended: ${words(key.suspension)}`) : state('off', 'disabled')}</td>
      <td data-label="May">${key.scopes.length ? key.scopes.map((scope) => html`<p><code>${scope}</code></p>`) : 'everything'}${key.networks.map((network) => html`<p class="note">from <code>${network}</code></p>`)}</td>
      <td class="nowrap" data-label="Made">${at(key.created_at)}${key.replaces ? html`<p class="note">for <code>${key.replaces}</code></p>` : nothing}</td>
      <td class="nowrap" data-label="Used last">${key.last_used_at ? age(key.last_used_at) : 'never'}</td>
      <td class="nowrap" data-label="Ends">${key.expires_at ? html`${at(key.expires_at)}<p class="note">${age(key.expires_at)}</p>` : 'never'}</td>
      <td class="deeds">
        ${key.enabled && !over && may('rotateKey') ? html`<button type="button" class="small" aria-label="Rotate ${name}" @click=${() => this.rotate(key)}>Rotate</button>` : nothing}
        ${may('changeKey')
          ? html`<button type="button" class="small" aria-label="${key.enabled ? 'Disable' : 'Enable'} ${name}" @click=${() => this.turn(key)}>${key.enabled ? 'Disable' : 'Enable'}</button>`
          : nothing}
        ${may('deleteKey') ? html`<button type="button" class="small" aria-label="Delete ${name}" @click=${() => this.erase(key)}>Delete</button>` : nothing}
      </td></tr>`;
  }
}

customElements.define('gh-keys', Keys);
