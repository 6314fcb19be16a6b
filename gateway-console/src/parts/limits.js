import { html, nothing } from 'lit';
import { call } from '../api.js';
import { Element } from '../element.js';
import { may } from '../session.js';
import { problem, say } from './common.js';
import { ask } from './dialog.js';
import { FRESH_LIMIT, LIMIT_COLUMNS, LIMIT_HELP, limitWords, ORIGINS } from './rules.js';
import './rows.js';

/** @typedef {import('./rules.js').Limit} Limit */

/**
 * What the API has to say of whose limits they are.
 *
 * @type {Record<string, {replace: string, reset: string, title: string, fallback: string}>}
 */
const LEVELS = {
  users: { replace: 'replaceUserLimits', reset: 'resetUserLimits', title: 'Limits of this user', fallback: 'those of their plan hold, or else of the configuration' },
  keys: { replace: 'replaceKeyLimits', reset: 'resetKeyLimits', title: 'Limits of this key', fallback: 'those of the plan hold, or else of the configuration' },
  tenants: { replace: 'replaceTenantLimits', reset: 'resetTenantLimits', title: 'Limits of this tenant', fallback: 'those of the configuration hold' },
};

/** How fast a user, a key, or a tenant as a whole, may be; tells of `gh-changed` when that was changed. */
class LimitList extends Element {
  static properties = { level: {}, owner: {}, limits: { state: true }, error: { state: true } };

  constructor() {
    super();
    /** @type {'users' | 'keys' | 'tenants'} */
    this.level = 'users';
    this.owner = '';
    /** @type {Limit[] | null} */
    this.limits = null;
    this.own = false;
    this.origin = '';
    /** @type {string | null} */
    this.etag = null;
    /** @type {unknown} */
    this.error = null;
  }

  /** @param {Map<string, unknown>} changed */
  willUpdate(changed) {
    if (changed.has('owner') && this.owner) {
      this.limits = null;
      this.load();
    }
  }

  get path() {
    return `/${this.level}/${encodeURIComponent(this.owner)}/limits`;
  }

  async load() {
    try {
      this.take(await call('GET', this.path));
      this.error = null;
    } catch (error) {
      this.error = error;
    }
  }

  /** @param {{data: any, etag: string | null}} answer */
  take({ data, etag }) {
    this.own = data.own;
    this.origin = data.origin;
    this.etag = etag;
    this.limits = data.limits;
  }

  /** @param {string} text */
  tell(text) {
    say(text);
    this.dispatchEvent(new Event('gh-changed', { bubbles: true }));
  }

  edit() {
    ask({
      title: LEVELS[this.level].title,
      wide: true,
      body: html`<p class="note">${LIMIT_HELP}</p>
        <gh-rows .columns=${LIMIT_COLUMNS} .start=${this.limits ?? []} .fresh=${FRESH_LIMIT}></gh-rows>`,
      yes: 'Keep',
      action: async (form) => {
        const limits = /** @type {any} */ (form.querySelector('gh-rows')).value;
        this.take(await call('PUT', this.path, { limits }, { etag: this.etag }));
        this.tell('The limits were changed.');
      },
      again: () => this.load().then(() => this.edit()),
    });
  }

  goBack() {
    ask({
      title: 'Give up their own?',
      body: html`<p>The limits of their own are forgotten, and ${LEVELS[this.level].fallback}.</p>`,
      yes: 'Give up',
      danger: true,
      action: async () => {
        await call('DELETE', this.path, undefined, { etag: this.etag });
        await this.load();
        this.tell('The limits of their own are forgotten.');
      },
      again: () => this.load(),
    });
  }

  render() {
    const { replace, reset } = LEVELS[this.level];
    return html`
      <header class="card-head"><h2>Limits</h2>
        ${this.own && may(reset) ? html`<button type="button" class="small" @click=${this.goBack}>Give up their own</button>` : nothing}
        ${may(replace)
          ? html`<button type="button" class="small" aria-label="Change the limits" ?disabled=${!this.limits} @click=${this.edit}>Change</button>`
          : nothing}</header>
      ${problem(this.error)}
      ${this.limits
        ? html`<p class="note">${ORIGINS[this.origin] ?? this.origin}: ${this.limits.length
            ? this.limits.map(limitWords).join('; ')
            : 'none, they are not limited'}.</p>`
        : this.error ? nothing : html`<p class="note">Reading…</p>`}
    `;
  }
}

customElements.define('gh-limit-list', LimitList);
