import { html, nothing } from 'lit';
import { get } from '../api.js';
import { Element } from '../element.js';
import { at } from '../format.js';
import { learnName } from '../names.js';
import { problem, state } from '../parts/common.js';
import '../parts/limits.js';

/** @typedef {import('./users.js').User} User */

const PAGE = 100;

/** One tenant: how fast all of its users together may be, and who they are. */
class OneTenant extends Element {
  static properties = { tenant: {}, users: { state: true }, next: { state: true }, error: { state: true }, busy: { state: true } };

  constructor() {
    super();
    this.tenant = '';
    /** @type {User[] | null} */
    this.users = null;
    /** @type {string | null} */
    this.next = null;
    /** @type {unknown} */
    this.error = null;
    this.busy = false;
  }

  /** @param {Map<string, unknown>} changed */
  willUpdate(changed) {
    if (changed.has('tenant') && this.tenant) {
      this.users = null;
      this.next = null;
      this.read([]);
    }
  }

  /** @param {User[]} before those that were read already */
  async read(before) {
    this.busy = true;
    try {
      const query = new URLSearchParams({ tenant: this.tenant, limit: String(PAGE), ...(this.next ? { after: this.next } : {}) });
      const page = await get(`/users?${query}`);
      page.users.forEach(learnName);
      this.users = [...before, ...page.users];
      this.next = page.next;
      this.error = null;
    } catch (error) {
      this.error = error;
    } finally {
      this.busy = false;
    }
  }

  render() {
    if (!this.tenant) {
      return html`<div class="page-head"><h1>Tenant</h1></div>
        <section class="card"><p class="note">Which one? Tenants are named by their <a href="#/users">users</a>.</p></section>`;
    }
    const users = this.users;
    return html`
      <div class="page-head">
        <h1>${this.tenant}</h1>
        <p class="note">A tenant: its users share these limits, besides what each of them has.</p>
      </div>
      ${problem(this.error)}
      <gh-limit-list class="card" .level=${'tenants'} .owner=${this.tenant}></gh-limit-list>
      <section class="card">
        <h2>Users</h2>
        ${users?.length
          ? html`<div class="scroll"><table class="rows">
              <thead><tr><th scope="col">Name</th><th scope="col">Plan</th><th scope="col">State</th><th scope="col">Since</th><th scope="col"><span class="sr-only">Usage</span></th></tr></thead>
              <tbody>${users.map(
                (user) => html`<tr><th scope="row"><a href="#/users/${user.id}">${user.name}</a></th>
                  <td data-label="Plan">${user.plan ?? html`<span class="note">none</span>`}</td>
                  <td>${user.enabled ? state('good', 'enabled') : state('off', 'disabled')}</td>
                  <td class="nowrap">${at(user.created_at)}</td>
                  <td><a href="#/usage/${user.id}" aria-label="Usage of ${user.name}">Usage</a></td></tr>`,
              )}</tbody></table></div>`
          : users
            ? html`<p class="note">Nobody belongs to it yet. A user is given to a tenant on their page, or when they are added.</p>`
            : this.error ? nothing : html`<p class="note">Reading…</p>`}
        ${this.next ? html`<p><button type="button" ?disabled=${this.busy} @click=${() => this.read(users ?? [])}>Read ${PAGE} more</button></p>` : nothing}
      </section>
    `;
  }
}

customElements.define('gh-tenant', OneTenant);
