import { html, nothing } from 'lit';
import { get, path } from '../api.js';
import { count } from '../format.js';
import { meter, problem } from '../parts/common.js';
import '../parts/limits.js';
import { UserCard } from './card.js';

/**
 * @typedef {import('./keys.js').Key} Key
 * @typedef {import('../parts/explain.js').Rule} Rule
 */

/** How fast a user may be, and how much of that is left for one of their keys. */
class Limits extends UserCard {
  static properties = { ...UserCard.properties, keys: { state: true }, key: { state: true }, standings: { state: true } };

  constructor() {
    super();
    /** @type {Key[]} */
    this.keys = [];
    this.key = '';
    /** @type {Rule[]} */
    this.standings = [];
  }

  async read() {
    this.keys = (await get(path`/keys?user=${this.user}&limit=200`)).keys;
    this.key = this.keys.some((key) => key.id === this.key) ? this.key : (this.keys.at(-1)?.id ?? '');
    await this.stand();
  }

  /** Reads all anew, the list of limits too. */
  async again() {
    await /** @type {any} */ (this.querySelector('gh-limit-list'))?.load();
    await this.load();
  }

  async stand() {
    this.standings = this.key ? (await get(path`/usage/${this.key}/limits`)).limits : [];
  }

  render() {
    return html`
      <gh-limit-list .level=${'users'} .owner=${this.user} @gh-changed=${() => this.load()}></gh-limit-list>
      ${problem(this.error)}
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
