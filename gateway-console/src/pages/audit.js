import { html, nothing } from 'lit';
import { tellAddress } from '../address.js';
import { get } from '../api.js';
import { Element } from '../element.js';
import { at } from '../format.js';
import { fieldOf, problem } from '../parts/common.js';
import { ask } from '../parts/dialog.js';

/**
 * @typedef {object} Change
 * @property {string} id
 * @property {string} time
 * @property {string} administrator
 * @property {string} name
 * @property {string | null} address
 * @property {string} operation
 * @property {string} object
 * @property {unknown} before
 * @property {unknown} after
 */

const PAGE = 50;
const DAYS = /** @type {[number, string][]} */ ([[1, 'a day'], [7, '7 days'], [30, '30 days'], [400, '400 days']]);

/** Who changed what, and what it was before. */
class Audit extends Element {
  static properties = { query: {}, changes: { state: true }, next: { state: true }, error: { state: true }, busy: { state: true } };

  constructor() {
    super();
    /** What the address says: `object`, `administrator`, `days`. */
    this.query = '';
    /** @type {Change[]} */
    this.changes = [];
    /** @type {string | null} */
    this.next = null;
    /** @type {unknown} */
    this.error = null;
    this.busy = false;
    this.object = '';
    this.administrator = '';
    this.days = DAYS[1][0];
  }

  /** @param {Map<string, unknown>} changed */
  willUpdate(changed) {
    if (changed.has('query')) {
      const said = new URLSearchParams(this.query);
      this.object = said.get('object') ?? '';
      this.administrator = said.get('administrator') ?? '';
      this.days = DAYS.find(([days]) => String(days) === said.get('days'))?.[0] ?? DAYS[1][0];
      this.load(false);
    }
  }

  /** @param {Event} event */
  find(event) {
    event.preventDefault();
    const form = /** @type {HTMLFormElement} */ (this.querySelector('form'));
    const before = this.query;
    this.query = tellAddress({
      object: fieldOf(form, 'object'),
      administrator: this.administrator,
      days: fieldOf(form, 'days') === String(DAYS[1][0]) ? '' : fieldOf(form, 'days'),
    });
    if (this.query === before) {
      this.load(false); // the same question, perhaps with another answer
    }
  }

  /** @param {boolean} more whether to go on where the list ends */
  async load(more) {
    const query = new URLSearchParams({
      limit: String(PAGE),
      from: new Date(Date.now() - this.days * 86_400_000).toISOString(),
      ...(this.object ? { object: this.object } : {}),
      ...(this.administrator ? { administrator: this.administrator } : {}),
      ...(more && this.next ? { after: this.next } : {}),
    });
    this.busy = true;
    try {
      const page = await get(`/audit?${query}`);
      this.changes = more ? [...this.changes, ...page.changes] : page.changes;
      this.next = page.next;
      this.error = null;
    } catch (error) {
      this.error = error;
    } finally {
      this.busy = false;
    }
  }

  /** @param {Change} change */
  show(change) {
    const text = (/** @type {unknown} */ value) => (value === null || value === undefined ? 'nothing' : JSON.stringify(value, null, 2));
    ask({
      title: `${change.operation}: ${change.object}`,
      wide: true,
      body: html`<h3 id="before">Before</h3><pre tabindex="0" role="group" aria-labelledby="before">${text(change.before)}</pre>
        <h3 id="after">After</h3><pre tabindex="0" role="group" aria-labelledby="after">${text(change.after)}</pre>`,
    });
  }

  render() {
    return html`
      <div class="page-head">
        <h1>Audit</h1>
        <p class="note">Who changed what, on all nodes and by the command line. Secrets are never in it.</p>
      </div>
      ${problem(this.error)}
      <section class="card">
        <form class="card-head" role="search" @submit=${this.find}>
          <input type="search" name="object" aria-label="Object, such as users/ and an id" placeholder="users/01M8…, keys/…, plans/…" autocomplete="off"
            spellcheck="false" .value=${this.object}>
          <select name="days" aria-label="How far back" @change=${this.find}>
            ${DAYS.map(([days, name]) => html`<option value=${days} ?selected=${days === this.days}>The last ${name}</option>`)}
          </select>
          <button ?disabled=${this.busy}>Find</button>
        </form>
        ${this.administrator
          ? html`<p class="note">Only by <code>${this.administrator}</code>, <a href="#/audit">show all</a></p>`
          : nothing}
        ${this.changes.length
          ? html`<div class="scroll"><table class="rows">
              <thead><tr><th scope="col">Time</th><th scope="col">Who</th><th scope="col">From</th><th scope="col">Did</th><th scope="col">To</th>
                <th scope="col"><span class="sr-only">Deeds</span></th></tr></thead>
              <tbody>${this.changes.map(
                (change) => html`<tr><td class="nowrap">${at(change.time)}</td><td class="nowrap"><a href="#/audit?administrator=${encodeURIComponent(change.administrator)}">${change.name}</a></td>
                  <td class="nowrap">${change.address ?? html`<span class="note">this machine</span>`}</td><td>${change.operation}</td><td class="path">${change.object}</td>
                  <td class="deeds"><button type="button" class="small" aria-label="Show ${change.operation} of ${change.object}, ${at(change.time)}"
                    @click=${() => this.show(change)}>Show</button></td></tr>`,
              )}</tbody></table></div>`
          : html`<p class="note">${this.busy ? 'Reading…' : 'Nothing was changed in this time.'}</p>`}
        ${this.next ? html`<p><button type="button" ?disabled=${this.busy} @click=${() => this.load(true)}>Read ${PAGE} more</button></p>` : nothing}
      </section>
    `;
  }
}

customElements.define('gh-audit', Audit);
