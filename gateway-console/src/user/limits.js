import { html, nothing } from 'lit';
import { call, get, path } from '../api.js';
import { count, words } from '../format.js';
import { meter, problem, say } from '../parts/common.js';
import { ask } from '../parts/dialog.js';
import '../parts/rows.js';
import { UserCard } from './card.js';

/**
 * @typedef {{permits: number, period: string, burst?: number, algorithm: string, shadow: boolean}} Limit
 * @typedef {import('./keys.js').Key} Key
 * @typedef {import('../parts/explain.js').Rule} Rule
 */

const ALGORITHMS = ['token-bucket', 'sliding-window', 'sliding-log', 'fixed-window', 'concurrency'];

/** @type {import('../parts/rows.js').Column[]} */
const COLUMNS = [
  { name: 'permits', label: 'Permits', type: 'number' },
  { name: 'period', label: 'In', type: 'text' },
  { name: 'burst', label: 'Burst', type: 'number', optional: true },
  { name: 'algorithm', label: 'Counted by', type: 'choice', choices: ALGORITHMS },
  { name: 'shadow', label: 'Shadow', type: 'boolean' },
];

/** @type {Record<string, string>} */
const ORIGINS = { own: 'Their own', plan: 'Those of their plan', configuration: 'Those of the configuration' };

/** How fast a user may be, and how much of that is left for one of their keys. */
class Limits extends UserCard {
  static properties = {
    ...UserCard.properties,
    limits: { state: true },
    own: { state: true },
    keys: { state: true },
    key: { state: true },
    standings: { state: true },
  };

  constructor() {
    super();
    /** @type {Limit[] | null} */
    this.limits = null;
    this.own = false;
    this.origin = '';
    /** @type {string | null} */
    this.etag = null;
    /** @type {Key[]} */
    this.keys = [];
    this.key = '';
    /** @type {Rule[]} */
    this.standings = [];
  }

  async read() {
    this.take(await call('GET', path`/users/${this.user}/limits`));
    this.keys = (await get(path`/keys?user=${this.user}&limit=200`)).keys;
    this.key = this.keys.some((key) => key.id === this.key) ? this.key : (this.keys.at(-1)?.id ?? '');
    await this.stand();
  }

  async stand() {
    this.standings = this.key ? (await get(path`/usage/${this.key}/limits`)).limits : [];
  }

  /** @param {{data: any, etag: string | null}} answer */
  take({ data, etag }) {
    this.limits = data.limits;
    this.own = data.own;
    this.origin = data.origin;
    this.etag = etag;
  }

  edit() {
    ask({
      title: 'Limits of this user',
      wide: true,
      body: html`<p class="note">All of them hold. A period is <code>1s</code>, <code>5m</code>, <code>1h</code> or <code>1d</code>.
          Only a token bucket has a burst; requests under way (<code>concurrency</code>) need no period.</p>
        <gh-rows .columns=${COLUMNS} .start=${this.limits ?? []} .fresh=${{ permits: 100, period: '1m', algorithm: 'token-bucket', shadow: false }}></gh-rows>`,
      yes: 'Keep',
      action: async (form) => {
        const limits = /** @type {any} */ (form.querySelector('gh-rows')).value;
        this.take(await call('PUT', path`/users/${this.user}/limits`, { limits }, { etag: this.etag }));
        say('The limits were changed.');
        await this.load();
      },
    });
  }

  goBack() {
    ask({
      title: 'Give up their own?',
      body: html`<p>The limits of this user are forgotten, and those of their plan hold, or else of the configuration.</p>`,
      yes: 'Give up',
      danger: true,
      action: async () => {
        await call('DELETE', path`/users/${this.user}/limits`, undefined, { etag: this.etag });
        say('The limits of this user are forgotten.');
        await this.load();
      },
    });
  }

  render() {
    return html`
      <header class="card-head"><h2>Limits</h2>
        ${this.own ? html`<button type="button" class="small" @click=${this.goBack}>Give up their own</button>` : nothing}
        <button type="button" class="small" aria-label="Change the limits" ?disabled=${!this.limits} @click=${this.edit}>Change</button></header>
      ${problem(this.error)}
      ${this.limits
        ? html`<p class="note">${ORIGINS[this.origin] ?? this.origin}: ${this.limits.length
            ? this.limits.map((each) => this.words(each)).join('; ')
            : 'none, they are not limited'}.</p>`
        : html`<p class="note">Reading…</p>`}
      ${this.keys.length
        ? html`<div class="fields">
            <label class="field">Where all limits stand for the key
              <select @change=${(/** @type {any} */ e) => { this.key = e.target.value; this.attempt(() => this.stand()); }}>
                ${this.keys.map((key) => html`<option value=${key.id} ?selected=${key.id === this.key}>${key.name || key.start} (${key.id})</option>`)}
              </select></label>
            <button type="button" ?disabled=${this.busy} @click=${() => this.attempt(() => this.stand())}>Look again</button>
          </div>
          <div class="bars">${this.standings.map((each) => this.bar(each))}</div>`
        : nothing}
    `;
  }

  /** @param {Limit} limit */
  words(limit) {
    const what = limit.algorithm === 'concurrency' ? `${count(limit.permits)} under way` : `${count(limit.permits)} in ${limit.period}`;
    const burst = limit.burst !== undefined && limit.burst !== limit.permits ? `, burst ${count(limit.burst)}` : '';
    return `${what}${burst}${limit.algorithm === 'token-bucket' ? '' : ` (${words(limit.algorithm)})`}${limit.shadow ? ', shadow' : ''}`;
  }

  /** @param {Rule} rule */
  bar(rule) {
    const text = `${count(rule.remaining)} of ${count(rule.limit)} left`;
    return html`<div>
      <p class="bar-head"><b>${rule.policy}${rule.shadow ? ' (shadow)' : ''}</b><span>${text}</span></p>
      ${meter(`${rule.policy}, used`, rule.limit - rule.remaining, rule.limit, text)}
    </div>`;
  }
}

customElements.define('gh-limits', Limits);
