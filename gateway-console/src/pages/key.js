import { html, nothing } from 'lit';
import { get, path } from '../api.js';
import { Element } from '../element.js';
import { age, at, words } from '../format.js';
import { Names } from '../names.js';
import { problem, state } from '../parts/common.js';
import '../parts/key-quotas.js';
import '../parts/limits.js';

/** @typedef {import('../user/keys.js').Key} Key */

/** One key: what is known of it, and what it may besides what its user may. */
class OneKey extends Element {
  static properties = { of: {}, found: { state: true }, error: { state: true } };

  constructor() {
    super();
    /** The id of the key. */
    this.of = '';
    /** @type {(Key & {user: string}) | null} */
    this.found = null;
    /** @type {unknown} */
    this.error = null;
    this.names = new Names(this);
  }

  /** @param {Map<string, unknown>} changed */
  willUpdate(changed) {
    if (changed.has('of') && this.of) {
      this.found = null;
      this.load();
    }
  }

  async load() {
    try {
      this.found = await get(path`/keys/${this.of}`);
      this.error = null;
    } catch (error) {
      this.error = error;
    }
  }

  render() {
    const key = this.found;
    if (!key) {
      return html`<div class="page-head"><h1>Key</h1></div>
        ${this.error ? problem(this.error) : html`<p class="note">${this.of ? 'Reading…' : 'Which one? Keys are with their users.'}</p>`}
        <p><a href="#/users">All users</a></p>`;
    }
    const over = key.expires_at !== null && Date.parse(key.expires_at) <= Date.now();
    return html`
      <p class="note"><a href="#/users">Users</a> / ${this.names.link(key.user)} /</p>
      <div class="page-head">
        <h1>${key.name || key.start}</h1>
        <p class="note">${over ? state('bad', 'ended') : key.enabled ? state('good', 'enabled') : key.suspension ? state('bad', `suspended: ${words(key.suspension)}`) : state('off', 'disabled')}</p>
      </div>
      <dl class="facts">
        <div><dt>Begins with</dt><dd><code>${key.start}…</code></dd></div>
        <div><dt>May</dt><dd>${key.scopes.length ? key.scopes.map((scope) => html`<code>${scope}</code> `) : 'everything'}</dd></div>
        ${key.networks.length ? html`<div><dt>From</dt><dd>${key.networks.map((network) => html`<code>${network}</code> `)}</dd></div>` : nothing}
        <div><dt>Made</dt><dd>${at(key.created_at)}</dd></div>
        <div><dt>Used last</dt><dd>${key.last_used_at ? age(key.last_used_at) : 'never'}</dd></div>
        <div><dt>Ends</dt><dd>${key.expires_at ? at(key.expires_at) : 'never'}</dd></div>
        <div><dt>Id</dt><dd><code>${key.id}</code></dd></div>
      </dl>
      <p class="note">With those that it is rotated to, a key has one count for each limit and each quota.</p>
      <div class="columns">
        <gh-key-quotas class="card" .owner=${key.id}></gh-key-quotas>
        <gh-limit-list class="card" .level=${'keys'} .owner=${key.id}></gh-limit-list>
      </div>
    `;
  }
}

customElements.define('gh-key', OneKey);
