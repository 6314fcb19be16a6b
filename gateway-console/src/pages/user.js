import { html } from 'lit';
import { call, get, learnName, path } from '../api.js';
import { Element } from '../element.js';
import { at } from '../format.js';
import { fieldOf, problem, say, state } from '../parts/common.js';
import { ask } from '../parts/dialog.js';
import '../user/keys.js';
import '../user/limits.js';
import '../user/quotas.js';
import '../user/networks.js';
import '../user/violations.js';

/** @typedef {import('./users.js').User} User */

/** One user: who they are, and a card for each thing that belongs to them. */
class OneUser extends Element {
  static properties = { user: {}, found: { state: true }, etag: { state: true }, error: { state: true } };

  constructor() {
    super();
    this.user = '';
    /** @type {User | null} */
    this.found = null;
    /** @type {string | null} */
    this.etag = null;
    /** @type {unknown} */
    this.error = null;
  }

  /** @param {Map<string, unknown>} changed */
  willUpdate(changed) {
    if (changed.has('user')) {
      this.found = null;
      this.load();
    }
  }

  async load() {
    try {
      this.take(await call('GET', path`/users/${this.user}`));
    } catch (error) {
      this.error = error;
    }
  }

  /** @param {{data: any, etag: string | null}} answer */
  take({ data, etag }) {
    this.found = data;
    this.etag = etag;
    this.error = null;
    learnName(data);
  }

  /** @param {Record<string, unknown>} change @param {string} done */
  async change(change, done) {
    this.take(await call('PATCH', path`/users/${this.user}`, change, { etag: this.etag }));
    say(done);
  }

  /** @param {User} user */
  edit(user) {
    ask({
      title: 'Change this user',
      body: html`<label class="field">Name<input name="name" maxlength="100" autocomplete="off" .value=${user.name}></label>
        <label class="field">Tenant, whose limits they share
          <input name="tenant" maxlength="64" autocomplete="off" placeholder="none" .value=${user.tenant ?? ''}></label>`,
      yes: 'Change',
      action: (form) => this.change({ name: fieldOf(form, 'name'), tenant: fieldOf(form, 'tenant') || null }, 'The user was changed.'),
    });
  }

  /** @param {User} user */
  async replan(user) {
    /** @type {{name: string, title: string}[]} */
    let plans = [];
    try {
      plans = (await get('/plans')).plans;
    } catch (error) {
      this.error = error;
      return;
    }
    ask({
      title: `The plan of ${user.name}`,
      body: html`<label class="field">Plan
          <select name="plan"><option value="">none</option>
            ${plans.map((plan) => html`<option value=${plan.name} ?selected=${plan.name === user.plan}>${plan.title ? `${plan.title} (${plan.name})` : plan.name}</option>`)}
          </select></label>
        <label class="field">From then on; nothing: now<input name="at" type="datetime-local"></label>`,
      yes: 'Change',
      action: async (form) => {
        const from = fieldOf(form, 'at');
        await call('PUT', path`/users/${user.id}/plan`, {
          plan: fieldOf(form, 'plan') || null,
          ...(from ? { at: new Date(from).toISOString() } : {}),
        });
        say(from ? 'The change of plan is scheduled.' : 'The plan was changed.');
        await this.load();
        this.querySelectorAll('gh-quotas, gh-limits').forEach((card) => /** @type {any} */ (card).load());
      },
    });
  }

  /** @param {User} user */
  turn(user) {
    ask({
      title: user.enabled ? `Disable ${user.name}?` : `Enable ${user.name}?`,
      body: html`<p>${user.enabled ? 'All keys of theirs are refused from then on, on all nodes within a second.' : 'Their keys are good again.'}</p>`,
      yes: user.enabled ? 'Disable' : 'Enable',
      danger: user.enabled,
      action: () => this.change({ enabled: !user.enabled }, user.enabled ? 'The user is disabled.' : 'The user is enabled.'),
    });
  }

  /** @param {User} user */
  erase(user) {
    ask({
      title: `Delete ${user.name}?`,
      body: html`<p>Keys, networks, limits and quotas go with them, and do not come back.</p>`,
      typed: user.name,
      yes: 'Delete',
      danger: true,
      action: async () => {
        await call('DELETE', path`/users/${user.id}`, undefined, { etag: this.etag });
        say(`${user.name} was deleted.`);
        location.hash = '/users';
      },
    });
  }

  render() {
    const user = this.found;
    if (!user) {
      return html`<div class="page-head"><h1>User</h1></div>
        ${this.error ? problem(this.error) : html`<p class="note">Reading…</p>`}
        <p><a href="#/users">All users</a></p>`;
    }
    return html`
      <p class="note"><a href="#/users">Users</a> /</p>
      <div class="page-head">
        <h1>${user.name}</h1>
        <p class="note">${user.enabled ? state('good', 'enabled') : state('off', 'disabled')}</p>
        <button type="button" @click=${() => this.edit(user)}>Change</button>
        <button type="button" @click=${() => this.turn(user)}>${user.enabled ? 'Disable' : 'Enable'}</button>
        <button type="button" @click=${() => this.erase(user)}>Delete</button>
      </div>
      ${problem(this.error)}
      <dl class="facts">
        <div><dt>Tenant</dt><dd>${user.tenant ?? 'none'}</dd></div>
        <div><dt>Plan</dt><dd>${user.plan ?? 'none'}${user.next_plan ? html` <span class="note">${user.next_plan.plan ?? 'none'} from ${at(user.next_plan.at)}</span>` : ''}
          <button type="button" class="quiet small" aria-label="Change the plan" @click=${() => this.replan(user)}>Change</button></dd></div>
        <div><dt>Since</dt><dd>${at(user.created_at)}</dd></div>
        <div><dt>Id</dt><dd><code>${user.id}</code></dd></div>
      </dl>
      <gh-keys class="card" .user=${user.id}></gh-keys>
      <div class="columns">
        <gh-quotas class="card" .user=${user.id}></gh-quotas>
        <div>
          <gh-limits class="card" .user=${user.id}></gh-limits>
          <gh-networks class="card" .list=${'whitelist'} .user=${user.id}></gh-networks>
          <gh-networks class="card" .list=${'denylist'} .user=${user.id}></gh-networks>
          <gh-violations class="card" .user=${user.id}></gh-violations>
        </div>
      </div>
    `;
  }
}

customElements.define('gh-user', OneUser);
