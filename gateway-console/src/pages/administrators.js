import { html, nothing } from 'lit';
import { call, get, path } from '../api.js';
import { Element } from '../element.js';
import { at } from '../format.js';
import { fieldOf, problem, say } from '../parts/common.js';
import { ask } from '../parts/dialog.js';
import { hand } from '../parts/secret.js';
import { may, who } from '../session.js';

/**
 * @typedef {object} Administrator
 * @property {string} id
 * @property {string} name
 * @property {string} role
 * @property {string | null} tenant
 * @property {string} start
 * @property {string} created_at
 */

const PAGE = 100;

/** What each role may, in words. @type {[string, string][]} */
const ROLES = [
  ['viewer', 'reads everything but administrators and settings'],
  ['operator', 'changes everything but administrators and settings'],
  ['owner', 'may everything'],
  ['tenant', 'manages the users and keys of one tenant'],
  ['registrar', 'registers backends, and nothing else'],
];

/** Who may administer: list, add, give another token, take the right away. */
class Administrators extends Element {
  static properties = { administrators: { state: true }, next: { state: true }, error: { state: true } };

  constructor() {
    super();
    /** @type {Administrator[] | null} */
    this.administrators = null;
    /** @type {string | null} */
    this.next = null;
    /** @type {unknown} */
    this.error = null;
  }

  connectedCallback() {
    super.connectedCallback();
    this.load();
  }

  load() {
    this.next = null;
    return this.read([]);
  }

  /** @param {Administrator[]} before those that were read already */
  async read(before) {
    try {
      const page = await get(`/administrators?limit=${PAGE}${this.next ? `&after=${this.next}` : ''}`);
      this.administrators = [...before, ...page.administrators];
      this.next = page.next;
      this.error = null;
    } catch (error) {
      this.error = error;
    }
  }

  async add() {
    let token = '';
    const made = await ask({
      title: 'Add an administrator',
      body: html`<label class="field">Name<input name="name" maxlength="100" autocomplete="off"></label>
        <label class="field">Role
          <select name="role" @change=${(/** @type {any} */ e) => {
            const field = e.target.form.querySelector('.of-tenant');
            field.hidden = e.target.value !== 'tenant';
          }}>${ROLES.map(([role, text]) => html`<option value=${role}>${role}: ${text}</option>`)}</select></label>
        <label class="field of-tenant" hidden>Tenant<input name="tenant" maxlength="64" autocomplete="off" spellcheck="false"></label>`,
      yes: 'Add',
      action: async (form) => {
        const role = fieldOf(form, 'role');
        const { data } = await call('POST', '/administrators', {
          name: fieldOf(form, 'name'),
          role,
          ...(role === 'tenant' && fieldOf(form, 'tenant') ? { tenant: fieldOf(form, 'tenant') } : {}),
        });
        token = data.token;
      },
    });
    if (made) {
      await this.load();
      await hand('The new administrator', 'The token', token);
    }
  }

  /** @param {Administrator} administrator */
  async rotate(administrator) {
    let token = '';
    const made = await ask({
      title: `Give ${administrator.name} another token?`,
      body: html`<p>The token of now is worth nothing at once, on all nodes.${administrator.id === who()?.id ? ' You are signed out.' : ''}</p>`,
      yes: 'Give another one',
      danger: true,
      action: async () => {
        token = (await call('POST', path`/administrators/${administrator.id}/rotate`)).data.token;
      },
    });
    if (made) {
      await hand(`The new token of ${administrator.name}`, 'The token', token);
      await this.load();
    }
  }

  /** @param {Administrator} administrator */
  revoke(administrator) {
    ask({
      title: `Revoke ${administrator.name}?`,
      body: html`<p>Their token is worth nothing at once, on all nodes. What they have done stays in the audit log.</p>`,
      typed: administrator.name,
      yes: 'Revoke',
      danger: true,
      action: async () => {
        await call('DELETE', path`/administrators/${administrator.id}`);
        say(`${administrator.name} may not administer any more.`);
        await this.load();
      },
    });
  }

  render() {
    const administrators = this.administrators;
    return html`
      <div class="page-head">
        <h1>Administrators</h1>
        <p class="note">Besides the token of the configuration, which opens everything: give everybody one of their own.</p>
        ${may('addAdministrator') ? html`<button type="button" class="primary" @click=${this.add}>Add an administrator</button>` : nothing}
      </div>
      ${problem(this.error)}
      <section class="card">
        ${administrators?.length
          ? html`<div class="scroll"><table class="rows">
              <thead><tr><th scope="col">Name</th><th scope="col">Role</th><th scope="col">Tenant</th><th scope="col">Token begins with</th><th scope="col">Since</th>
                <th scope="col"><span class="sr-only">Deeds</span></th></tr></thead>
              <tbody>${administrators.map((each) => this.row(each))}</tbody></table></div>`
          : administrators
            ? html`<p class="note">There is none yet besides the token of the configuration. Add one for each person, so that the audit log can tell them apart.</p>`
            : this.error
              ? nothing
              : html`<p class="note">Reading…</p>`}
        ${this.next ? html`<p><button type="button" @click=${() => this.read(administrators ?? [])}>Read ${PAGE} more</button></p>` : nothing}
      </section>
    `;
  }

  /** @param {Administrator} each */
  row(each) {
    return html`<tr>
      <th scope="row">${each.name}${each.id === who()?.id ? html` <span class="note">you</span>` : nothing}</th>
      <td data-label="Role">${each.role}</td>
      <td data-label="Tenant">${each.tenant ?? html`<span class="note">none</span>`}</td>
      <td data-label="Token"><code>${each.start}…</code></td>
      <td class="nowrap" data-label="Since">${at(each.created_at)}</td>
      <td class="deeds">
        <a href="#/audit?administrator=${each.id}" aria-label="Audit: what ${each.name} has changed">Audit</a>
        ${may('rotateToken') ? html`<button type="button" class="small" aria-label="Another token for ${each.name}" @click=${() => this.rotate(each)}>Another token</button>` : nothing}
        ${may('revokeAdministrator') ? html`<button type="button" class="small" aria-label="Revoke ${each.name}" @click=${() => this.revoke(each)}>Revoke</button>` : nothing}
      </td></tr>`;
  }
}

customElements.define('gh-administrators', Administrators);
