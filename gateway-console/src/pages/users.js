import { html, nothing } from 'lit';
import { call, get, path } from '../api.js';
import { Element } from '../element.js';
import { at } from '../format.js';
import { learnName } from '../names.js';
import { fieldOf, problem, say, state } from '../parts/common.js';
import { ask } from '../parts/dialog.js';
import { may, who } from '../session.js';

/**
 * @typedef {object} User
 * @property {string} id
 * @property {string} name
 * @property {boolean} enabled
 * @property {string} created_at
 * @property {string | null} tenant
 * @property {string | null} plan
 * @property {{plan: string | null, at: string} | null} next_plan
 */

const PAGE = 100;

/** Who has keys: list, find, add. */
class Users extends Element {
  static properties = {
    query: {},
    users: { state: true },
    next: { state: true },
    sought: { state: true },
    error: { state: true },
    busy: { state: true },
  };

  constructor() {
    super();
    /** What the address says: `plan` or `tenant` narrow the list. */
    this.query = '';
    /** @type {User[]} */
    this.users = [];
    /** @type {string | null} */
    this.next = null;
    this.sought = '';
    /** @type {unknown} */
    this.error = null;
    this.busy = true;
  }

  /** @param {Map<string, unknown>} changed */
  willUpdate(changed) {
    if (changed.has('query')) {
      this.users = [];
      this.next = null;
      this.load();
    }
  }

  /** What narrows the list. @returns {[string, string][]} */
  get narrowed() {
    return [...new URLSearchParams(this.query)].filter(([name, value]) => ['plan', 'tenant'].includes(name) && value);
  }

  async load() {
    this.busy = true;
    try {
      const query = new URLSearchParams([...this.narrowed, ['limit', String(PAGE)], ...(this.next ? [['after', this.next]] : [])]);
      const page = await get(`/users?${query}`);
      page.users.forEach(learnName);
      this.users = [...this.users, ...page.users];
      this.next = page.next;
      this.error = null;
    } catch (error) {
      this.error = error;
    } finally {
      this.busy = false;
    }
  }

  /** Those that match among what is loaded; a name that is not among them can be asked for. */
  get found() {
    const sought = this.sought.toLowerCase();
    return this.users.filter((user) =>
      [user.name, user.tenant ?? '', user.id].some((text) => text.toLowerCase().includes(sought)),
    );
  }

  /** @param {SubmitEvent} event */
  async find(event) {
    event.preventDefault();
    const [only, ...others] = this.found;
    if (only && others.length === 0) {
      location.hash = `/users/${only.id}`;
    } else if (!only && this.sought) {
      const user = await get(path`/users?name=${this.sought}`).then((page) => page.users[0], () => undefined);
      if (user) {
        location.hash = `/users/${user.id}`;
      } else {
        say(`There is no user called ${this.sought}.`);
      }
    }
  }

  add() {
    ask({
      title: 'Add a user',
      body: html`<label class="field">Name<input name="name" maxlength="100" autocomplete="off"></label>
        ${who()?.tenant
          ? nothing
          : html`<label class="field">Tenant, whose limits they share
              <input name="tenant" maxlength="64" autocomplete="off" placeholder="none"></label>`}`,
      yes: 'Add',
      action: async (form) => {
        const { data } = await call('POST', '/users', {
          name: fieldOf(form, 'name'),
          ...(who()?.tenant ? {} : { tenant: fieldOf(form, 'tenant') || null }),
        });
        location.hash = `/users/${data.id}`;
      },
    });
  }

  render() {
    const found = this.found;
    return html`
      <div class="page-head">
        <h1>Users</h1>
        <form class="search" role="search" @submit=${this.find}>
          <input type="search" aria-label="Find a user by name, tenant or id" placeholder="Name, tenant or id" autocomplete="off"
            @input=${(/** @type {any} */ e) => (this.sought = e.target.value.trim())}>
        </form>
        ${may('addUser') ? html`<button type="button" class="primary" @click=${this.add}>Add a user</button>` : nothing}
      </div>
      ${this.narrowed.length
        ? html`<p class="note narrowed">Only those ${this.narrowed.map(([name, value]) => html`${name === 'plan' ? 'on the plan' : 'of the tenant'} <b>${value}</b>, `)}<a href="#/users">show all</a></p>`
        : nothing}
      ${problem(this.error)}
      <section class="card">
        ${found.length
          ? html`<div class="scroll"><table class="rows">
              <thead><tr><th scope="col">Name</th><th scope="col">Tenant</th><th scope="col">Plan</th><th scope="col">State</th><th scope="col">Since</th><th scope="col">Id</th></tr></thead>
              <tbody>${found.map(
                (user) => html`<tr>
                  <th scope="row"><a href="#/users/${user.id}">${user.name}</a></th>
                  <td data-label="Tenant">${user.tenant ? html`<a href="#/tenants/${user.tenant}">${user.tenant}</a>` : html`<span class="note">none</span>`}</td>
                  <td data-label="Plan">${user.plan ? (may('showPlan') ? html`<a href="#/plans/${user.plan}">${user.plan}</a>` : user.plan) : html`<span class="note">none</span>`}</td>
                  <td>${user.enabled ? state('good', 'enabled') : state('off', 'disabled')}</td>
                  <td class="nowrap">${at(user.created_at)}</td>
                  <td><code>${user.id}</code></td></tr>`,
              )}</tbody></table></div>`
          : this.busy
            ? html`<p class="note">Reading…</p>`
            : this.error
              ? nothing
              : this.users.length
                ? html`<p class="note">None of those read has this in it. Enter asks for exactly this name.</p>`
                : html`<p class="note">${this.narrowed.length ? 'There is none.' : 'There are no users yet. Add one, then make them a key: with it they can call.'}</p>`}
        ${this.next ? html`<p><button type="button" ?disabled=${this.busy} @click=${this.load}>Read ${PAGE} more</button></p>` : nothing}
      </section>
    `;
  }
}

customElements.define('gh-users', Users);
