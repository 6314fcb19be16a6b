import { html, nothing } from 'lit';
import { tellAddress } from '../address.js';
import { call } from '../api.js';
import { Element } from '../element.js';
import { count, time, words } from '../format.js';
import { Follow, live } from '../live.js';
import { Names } from '../names.js';
import '../parts/ask-why.js';
import { addBlock } from '../parts/block-form.js';
import { problem } from '../parts/common.js';
import { ask } from '../parts/dialog.js';
import { explained } from '../parts/explain.js';
import { may } from '../session.js';

/** @typedef {import('../live.js').Refusal} Refusal */

const SHOWN = 100;

/** What is refused, as it happens, and why. */
class Refusals extends Element {
  static properties = {
    query: {},
    held: { state: true },
    sought: { state: true },
    reason: { state: true },
  };

  constructor() {
    super();
    /** What the address says: `find` and `reason`. */
    this.query = '';
    /** @type {Refusal[] | null} what is shown while the list is held */
    this.held = null;
    this.sought = '';
    this.reason = '';
    this.names = new Names(this);
    new Follow(this, 'refusal');
    new Follow(this);
  }

  /** @param {Map<string, unknown>} changed */
  willUpdate(changed) {
    if (changed.has('query')) {
      const said = new URLSearchParams(this.query);
      this.sought = said.get('find') ?? '';
      this.reason = said.get('reason') ?? '';
    }
  }

  /** @param {{sought?: string, reason?: string}} change */
  narrow({ sought = this.sought, reason = this.reason }) {
    this.query = tellAddress({ find: sought, reason });
  }

  get found() {
    const sought = this.sought.toLowerCase();
    return (this.held ?? live.refusals).filter(
      (each) =>
        (!this.reason || each.reason === this.reason) &&
        [each.path, each.client, each.rule, each.key, each.user, each.user && this.names.of(each.user)].some((text) =>
          text?.toLowerCase().includes(sought),
        ),
    );
  }

  /** @param {Refusal} refusal */
  async explain(refusal) {
    const question = { method: refusal.method, target: refusal.path, address: refusal.client, ...(refusal.key ? { key_id: refusal.key } : {}) };
    /** @type {unknown} */
    let body;
    try {
      body = explained((await call('POST', '/explain', question)).data);
    } catch (error) {
      body = problem(error);
    }
    ask({
      title: `${refusal.method} ${refusal.path}`,
      body: html`<p class="note">Refused at ${time(refusal.time)} from ${refusal.client}: ${words(refusal.reason)}${refusal.rule ? html`, by <code>${refusal.rule}</code>` : ''}.
        ${refusal.key ? '' : 'Nobody was recognised by then, so it is asked about without a key.'}</p>${body}
        ${may('addBlock')
          ? html`<p><button type="button" class="small" @click=${() => this.block(refusal)}>Block ${refusal.client}</button></p>`
          : nothing}`,
    });
  }

  /** @param {Refusal} refusal */
  block(refusal) {
    addBlock({ kind: 'network', value: refusal.client, reason: `Refused: ${words(refusal.reason)}` }, () => {});
  }

  render() {
    const found = this.found;
    const reasons = [...new Set([...live.refusals.map((each) => each.reason), this.reason])].filter(Boolean).sort();
    return html`
      <div class="page-head">
        <h1>Refusals</h1>
        <p class="note">This node, while this page is open${live.leftOut ? `; ${count(live.leftOut)} more came too fast to be listed` : ''}.</p>
      </div>
      <section class="card">
        <header class="card-head tools">
          <input type="search" aria-label="Find in path, address, rule, user or key" placeholder="Path, address, rule, user or key" autocomplete="off"
            .value=${this.sought} @input=${(/** @type {any} */ e) => this.narrow({ sought: e.target.value.trim() })}>
          <select aria-label="Reason" @change=${(/** @type {any} */ e) => this.narrow({ reason: e.target.value })}>
            <option value="">All reasons</option>
            ${reasons.map((reason) => html`<option value=${reason} ?selected=${reason === this.reason}>${words(reason)}</option>`)}
          </select>
          <button type="button" aria-pressed=${this.held !== null} @click=${() => (this.held = this.held ? null : [...live.refusals])}>Hold</button>
        </header>
        ${found.length
          ? html`<div class="scroll"><table class="rows">
              <thead><tr><th scope="col">Time</th><th scope="col">Reason</th><th scope="col">Rule</th><th scope="col">User</th>
                <th scope="col">From</th><th scope="col">Request</th><th scope="col"><span class="sr-only">Deeds</span></th></tr></thead>
              <tbody>${found.slice(0, SHOWN).map((each) => this.row(each))}</tbody></table></div>`
          : html`<p class="note">${live.refusals.length ? 'Nothing of what was refused looks like this.' : 'Nothing was refused yet. It shows here as soon as it happens.'}</p>`}
      </section>
      <gh-ask-why class="card"></gh-ask-why>
    `;
  }

  /** @param {Refusal} each */
  row(each) {
    return html`<tr>
      <td class="nowrap">${time(each.time)}</td>
      <td class="nowrap">${words(each.reason)}</td>
      <td>${each.rule ? html`<code>${each.rule}</code>` : html`<span class="note">none</span>`}</td>
      <td class="nowrap">${this.names.link(each.user)}</td>
      <td class="nowrap">${each.client}</td>
      <td class="path">${each.method} ${each.path}</td>
      <td class="deeds"><button type="button" class="small" aria-label="Explain ${each.method} ${each.path} of ${time(each.time)}"
        @click=${() => this.explain(each)}>Explain</button>
        ${may('addBlock')
          ? html`<button type="button" class="small" aria-label="Block ${each.client}, refused at ${time(each.time)}" @click=${() => this.block(each)}>Block</button>`
          : nothing}</td></tr>`;
  }
}

customElements.define('gh-refusals', Refusals);
