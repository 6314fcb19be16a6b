import { html, nothing } from 'lit';
import { call, nameOf } from '../api.js';
import { Element } from '../element.js';
import { count, time, words } from '../format.js';
import { Follow, live } from '../live.js';
import { fieldOf, problem } from '../parts/common.js';
import { ask } from '../parts/dialog.js';
import { explained } from '../parts/explain.js';

/** @typedef {import('../live.js').Refusal} Refusal */

const SHOWN = 100;

/** What is refused, as it happens, and why. */
class Refusals extends Element {
  static properties = {
    held: { state: true },
    sought: { state: true },
    reason: { state: true },
    answer: { state: true },
    error: { state: true },
  };

  constructor() {
    super();
    /** @type {Refusal[] | null} what is shown while the list is held */
    this.held = null;
    this.sought = '';
    this.reason = '';
    /** @type {import('../parts/explain.js').Explanation | null} */
    this.answer = null;
    /** @type {unknown} */
    this.error = null;
    /** @type {Map<string, string>} */
    this.names = new Map();
    new Follow(this, 'refusal');
    new Follow(this);
  }

  /** @param {string} id */
  name(id) {
    if (!this.names.has(id)) {
      this.names.set(id, id);
      nameOf(id).then((name) => {
        this.names.set(id, name);
        this.requestUpdate();
      });
    }
    return this.names.get(id);
  }

  get found() {
    const sought = this.sought.toLowerCase();
    return (this.held ?? live.refusals).filter(
      (each) =>
        (!this.reason || each.reason === this.reason) &&
        [each.path, each.client, each.rule, each.key, each.user, each.user && this.names.get(each.user)].some((text) =>
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
        ${refusal.key ? '' : 'Nobody was recognised by then, so it is asked about without a key.'}</p>${body}`,
    });
  }

  /** @param {SubmitEvent} event */
  async question(event) {
    event.preventDefault();
    const form = /** @type {HTMLFormElement} */ (event.target);
    /** @type {Record<string, string>} */
    const question = {};
    for (const name of ['key_id', 'method', 'target', 'address']) {
      const value = fieldOf(form, name);
      if (value) {
        question[name] = value;
      }
    }
    try {
      this.answer = (await call('POST', '/explain', question)).data;
      this.error = null;
    } catch (error) {
      this.answer = null;
      this.error = error;
    }
  }

  render() {
    const found = this.found;
    const reasons = [...new Set(live.refusals.map((each) => each.reason))].sort();
    return html`
      <div class="page-head">
        <h1>Refusals</h1>
        <p class="note">This node, while this page is open${live.leftOut ? `; ${count(live.leftOut)} more came too fast to be listed` : ''}.</p>
      </div>
      <section class="card">
        <header class="card-head tools">
          <input type="search" aria-label="Find in path, address, rule, user or key" placeholder="Path, address, rule, user or key" autocomplete="off"
            @input=${(/** @type {any} */ e) => (this.sought = e.target.value.trim())}>
          <select aria-label="Reason" @change=${(/** @type {any} */ e) => (this.reason = e.target.value)}>
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
      <section class="card">
        <header class="card-head"><h2>Ask why</h2></header>
        <p class="note">What would be decided of a request now. Nothing is spent by asking.</p>
        <form class="fields" @submit=${this.question}>
          <label class="field">Id of the key<input name="key_id" autocomplete="off" spellcheck="false" placeholder="without a key"></label>
          <label class="field">Method<input name="method" value="GET" autocomplete="off"></label>
          <label class="field grow">Path and query<input name="target" value="/" autocomplete="off" spellcheck="false"></label>
          <label class="field">Address<input name="address" autocomplete="off" placeholder="yours"></label>
          <button class="primary">Explain</button>
        </form>
        ${problem(this.error)}
        <div aria-live="polite">${this.answer ? explained(this.answer) : nothing}</div>
      </section>
    `;
  }

  /** @param {Refusal} each */
  row(each) {
    return html`<tr>
      <td class="nowrap">${time(each.time)}</td>
      <td class="nowrap">${words(each.reason)}</td>
      <td>${each.rule ? html`<code>${each.rule}</code>` : html`<span class="note">none</span>`}</td>
      <td class="nowrap">${each.user ? html`<a href="#/users/${each.user}">${this.name(each.user)}</a>` : html`<span class="note">nobody known</span>`}</td>
      <td class="nowrap">${each.client}</td>
      <td class="path">${each.method} ${each.path}</td>
      <td class="deeds"><button type="button" class="small" aria-label="Explain ${each.method} ${each.path} of ${time(each.time)}"
        @click=${() => this.explain(each)}>Explain</button></td></tr>`;
  }
}

customElements.define('gh-refusals', Refusals);
