import { html, nothing } from 'lit';
import { ApiError, call, get, path } from '../api.js';
import { Element } from '../element.js';
import { at } from '../format.js';
import { learnName } from '../names.js';
import { fieldOf, problem, say, state } from '../parts/common.js';
import { ask } from '../parts/dialog.js';
import { editPlan } from '../parts/plan-form.js';
import { putOnPlan } from '../parts/plans.js';
import { limitWords, quotaWords } from '../parts/rules.js';
import { may } from '../session.js';

/**
 * @typedef {import('../parts/plan-form.js').Plan} Plan
 * @typedef {import('./users.js').User} User
 */

const PAGE = 50;

/** So many are counted before a plan may be deleted; more are only said to be more. */
const COUNTED = 200;

/** One plan: what it says, and who is on it. */
class OnePlan extends Element {
  static properties = { plan: {}, found: { state: true }, users: { state: true }, error: { state: true }, busy: { state: true } };

  constructor() {
    super();
    this.plan = '';
    /** @type {Plan | null} */
    this.found = null;
    /** @type {string | null} */
    this.etag = null;
    /** @type {User[]} on it, or to be on it */
    this.users = [];
    /** @type {string | null} */
    this.next = null;
    /** @type {unknown} */
    this.error = null;
    this.busy = false;
  }

  /** @param {Map<string, unknown>} changed */
  willUpdate(changed) {
    if (changed.has('plan')) {
      this.found = null;
      this.load();
    }
  }

  async load() {
    this.next = null;
    await this.attempt(async () => {
      const { data, etag } = await call('GET', path`/plans/${this.plan}`);
      this.etag = etag;
      this.users = await this.read();
      this.found = data;
    });
  }

  more() {
    return this.attempt(async () => (this.users = [...this.users, ...(await this.read())]));
  }

  /** @returns {Promise<User[]>} the next of those on the plan */
  async read() {
    const query = new URLSearchParams({ plan: this.plan, limit: String(PAGE), ...(this.next ? { after: this.next } : {}) });
    const page = await get(`/users?${query}`);
    page.users.forEach(learnName);
    this.next = page.next;
    return page.users;
  }

  /** @param {() => Promise<unknown>} deed */
  async attempt(deed) {
    this.busy = true;
    try {
      await deed();
      this.error = null;
    } catch (error) {
      this.error = error;
    } finally {
      this.busy = false;
    }
  }

  /** @param {Plan} plan */
  edit(plan) {
    editPlan({ plan, etag: this.etag }, () => this.load());
  }

  /** @param {Plan} plan */
  erase(plan) {
    this.attempt(async () => {
      const { users, next } = await get(`/users?${new URLSearchParams({ plan: plan.name, limit: String(COUNTED) })}`);
      const many = next ? `More than ${COUNTED} users are` : users.length === 1 ? 'One user is' : `${users.length} users are`;
      if (users.length) {
        ask({
          title: `${plan.title || plan.name} is in use`,
          body: html`<p>${many} on it, or will be by a scheduled change, so it cannot be deleted. Put them on another plan first;
              they are <a href="#/plans/${plan.name}">listed below it</a>.</p>`,
        });
        return;
      }
      ask({
        title: `Delete ${plan.title || plan.name}?`,
        body: html`<p>No user is on it. It does not come back.</p>`,
        typed: plan.name,
        yes: 'Delete',
        danger: true,
        action: async () => {
          await call('DELETE', path`/plans/${plan.name}`, undefined, { etag: this.etag });
          say(`${plan.title || plan.name} was deleted.`);
          location.hash = '/plans';
        },
        again: () => this.load(),
      });
    });
  }

  /** @param {Plan} plan */
  put(plan) {
    ask({
      title: `Put a user on ${plan.title || plan.name}`,
      body: html`<label class="field">Name of the user<input name="user" maxlength="100" autocomplete="off"></label>
        <label class="field">From then on; nothing: now<input name="at" type="datetime-local"></label>
        <p class="note">Limits and quotas of their own stay as they are, and go before those of the plan.</p>`,
      yes: 'Put on it',
      action: async (form) => {
        const from = fieldOf(form, 'at');
        const name = fieldOf(form, 'user');
        const [user] = (await get(path`/users?name=${name}`)).users;
        if (!user) {
          throw new ApiError(0, 'Nobody', `There is no user called ${name}.`);
        }
        const { etag } = await call('GET', path`/users/${user.id}/plan`);
        await call(
          'PUT',
          path`/users/${user.id}/plan`,
          { plan: plan.name, ...(from ? { at: new Date(from).toISOString() } : {}) },
          { etag },
        );
        say(from ? 'The change of plan is scheduled.' : `${user.name} is on it.`);
        await this.load();
      },
    });
  }

  render() {
    const plan = this.found;
    if (!plan) {
      return html`<div class="page-head"><h1>Plan</h1></div>
        ${this.error ? problem(this.error) : html`<p class="note">Reading…</p>`}
        <p><a href="#/plans">All plans</a></p>`;
    }
    return html`
      <p class="note"><a href="#/plans">Plans</a> /</p>
      <div class="page-head">
        <h1>${plan.title || plan.name}</h1>
        <p class="note"><code>${plan.name}</code></p>
        ${may('putPlan') ? html`<button type="button" @click=${() => this.edit(plan)}>Change</button>` : nothing}
        ${may('deletePlan') ? html`<button type="button" @click=${() => this.erase(plan)}>Delete</button>` : nothing}
      </div>
      ${problem(this.error)}
      <div class="grid">
        ${this.says('Limits of each user', plan.limits.user, limitWords)}
        ${this.says('Limits of each of their keys', plan.limits.key, limitWords)}
        ${this.says('Quotas of each user', plan.quotas, quotaWords)}
        <section class="card"><h2>Scopes and options</h2>
          <p>${plan.scopes.length ? html`May call ${plan.scopes.map((scope, i) => html`${i ? ', ' : ''}<code>${scope}</code>`)}.` : 'May call everything.'}</p>
          ${Object.keys(plan.options).length
            ? html`<dl class="facts">${Object.entries(plan.options).map(([name, value]) => html`<div><dt>${name}</dt><dd><code>${value}</code></dd></div>`)}</dl>`
            : html`<p class="note">No options.</p>`}</section>
      </div>
      ${this.members(plan)}
    `;
  }

  /**
   * @template T
   * @param {string} title
   * @param {T[] | null} list
   * @param {(each: T) => string} text
   */
  says(title, list, text) {
    return html`<section class="card"><h2>${title}</h2>
      ${list === null
        ? html`<p class="note">As the configuration says.</p>`
        : list.length
          ? html`<ul>${list.map((each) => html`<li>${text(each)}</li>`)}</ul>`
          : html`<p class="note">None: they are not limited.</p>`}</section>`;
  }

  /** @param {Plan} plan */
  members(plan) {
    return html`<section class="card">
      <header class="card-head"><h2>Who is on it</h2>
        ${may('changeUserPlan') ? html`<button type="button" @click=${() => this.put(plan)}>Put a user on it</button>` : nothing}</header>
      ${this.users.length
        ? html`<div class="scroll"><table class="rows">
            <thead><tr><th scope="col">User</th><th scope="col">Tenant</th><th scope="col">State</th><th scope="col">On it</th><th scope="col"><span class="sr-only">Deeds</span></th></tr></thead>
            <tbody>${this.users.map(
              (user) => html`<tr>
                <th scope="row"><a href="#/users/${user.id}">${user.name}</a></th>
                <td data-label="Tenant">${user.tenant ?? html`<span class="note">none</span>`}</td>
                <td>${user.enabled ? state('good', 'enabled') : state('off', 'disabled')}</td>
                <td data-label="On it">${this.since(user, plan)}</td>
                <td class="deeds">${may('changeUserPlan')
                  ? html`<button type="button" class="small" aria-label="Change the plan of ${user.name}"
                      @click=${() => this.attempt(() => putOnPlan(user, () => this.load()))}>Change</button>`
                  : nothing}</td></tr>`,
            )}</tbody></table></div>`
        : html`<p class="note">Nobody is on it yet, and nobody will be by a scheduled change.</p>`}
      ${this.next ? html`<p><button type="button" ?disabled=${this.busy} @click=${this.more}>Read ${PAGE} more</button></p>` : nothing}
    </section>`;
  }

  /** From when to when a user is on it, in words. @param {User} user @param {Plan} plan */
  since(user, plan) {
    const next = user.next_plan;
    if (user.plan !== plan.name) {
      return `from ${at(/** @type {{at: string}} */ (next).at)}`;
    }
    return next && next.plan !== plan.name ? `until ${at(next.at)}, then ${next.plan ?? 'on none'}` : 'now';
  }
}

customElements.define('gh-plan', OnePlan);
