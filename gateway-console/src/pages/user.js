import { html, nothing } from 'lit';
import { call, path } from '../api.js';
import { Element } from '../element.js';
import { at } from '../format.js';
import { learnName } from '../names.js';
import { fieldOf, problem, say, state } from '../parts/common.js';
import { ask } from '../parts/dialog.js';
import { keepPlan, putOnPlan } from '../parts/plans.js';
import { may, who } from '../session.js';
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
        ${who()?.tenant
          ? nothing
          : html`<label class="field">Tenant, whose limits they share
              <input name="tenant" maxlength="64" autocomplete="off" placeholder="none" .value=${user.tenant ?? ''}></label>`}`,
      yes: 'Change',
      action: (form) =>
        this.change(
          { name: fieldOf(form, 'name'), ...(who()?.tenant ? {} : { tenant: fieldOf(form, 'tenant') || null }) },
          'The user was changed.',
        ),
      again: () => this.load().then(() => this.edit(/** @type {User} */ (this.found))),
    });
  }

  /** Asks about the plan; what goes wrong before that is a problem of the page. @param {Promise<unknown>} question */
  async plan(question) {
    try {
      await question;
    } catch (error) {
      this.error = error;
    }
  }

  /** The cards that show what follows from a plan read it anew, too. */
  async replanned() {
    await this.load();
    for (const card of this.querySelectorAll('gh-quotas, gh-limits')) {
      const { again, load } = /** @type {any} */ (card);
      (again ?? load).call(card);
    }
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

  /** @param {string} name */
  planLink(name) {
    return may('showPlan') ? html`<a href="#/plans/${name}">${name}</a>` : name;
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
        <a class="button" href="#/usage/${user.id}">Usage</a>
        ${may('changeUser')
          ? html`<button type="button" @click=${() => this.edit(user)}>Change</button>
              <button type="button" @click=${() => this.turn(user)}>${user.enabled ? 'Disable' : 'Enable'}</button>`
          : nothing}
        ${may('deleteUser') ? html`<button type="button" @click=${() => this.erase(user)}>Delete</button>` : nothing}
      </div>
      ${problem(this.error)}
      <dl class="facts">
        <div><dt>Tenant</dt><dd>${user.tenant ? html`<a href="#/tenants/${user.tenant}">${user.tenant}</a>` : 'none'}</dd></div>
        <div><dt>Plan</dt><dd>${user.plan ? this.planLink(user.plan) : 'none'}${user.next_plan ? html` <span class="note">${user.next_plan.plan ?? 'none'} from ${at(user.next_plan.at)}</span>` : ''}
          ${may('changeUserPlan')
            ? html`<button type="button" class="quiet small" aria-label="Change the plan"
                @click=${() => this.plan(putOnPlan(user, () => this.replanned()))}>Change</button>`
            : nothing}
          ${user.next_plan && may('leavePlan')
            ? html`<button type="button" class="quiet small" aria-label="Take the scheduled change back"
                @click=${() => this.plan(keepPlan(user, () => this.replanned()))}>Take back</button>`
            : nothing}</dd></div>
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
