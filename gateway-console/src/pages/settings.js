import { html, nothing } from 'lit';
import { tellAddress } from '../address.js';
import { call, get } from '../api.js';
import { Element } from '../element.js';
import { at } from '../format.js';
import { problem, say, state } from '../parts/common.js';
import { ask } from '../parts/dialog.js';
import { may } from '../session.js';

/**
 * @typedef {{path: string, value: unknown, origin: string, waiting_for_restart: boolean}} Setting
 *
 * @typedef {object} State
 * @property {string} loaded_at
 * @property {boolean} last_reload_successful
 * @property {string[]} waiting_for_restart
 * @property {Setting[]} settings
 */

/** By what this node runs, where that was said, and reading it again. */
class Settings extends Element {
  static properties = { query: {}, state: { state: true }, error: { state: true }, busy: { state: true } };

  constructor() {
    super();
    /** What the address says: `find`, and `all` when defaults are shown, too. */
    this.query = '';
    /** @type {State | null} */
    this.state = null;
    /** @type {unknown} */
    this.error = null;
    this.busy = false;
    this.sought = '';
    this.all = false;
  }

  connectedCallback() {
    super.connectedCallback();
    this.load();
  }

  /** @param {Map<string, unknown>} changed */
  willUpdate(changed) {
    if (changed.has('query')) {
      const said = new URLSearchParams(this.query);
      this.sought = said.get('find') ?? '';
      this.all = said.get('all') === 'yes';
    }
  }

  /** @param {{sought?: string, all?: boolean}} change */
  narrow({ sought = this.sought, all = this.all }) {
    this.query = tellAddress({ find: sought, all: all ? 'yes' : '' });
  }

  async load() {
    try {
      this.state = await get('/settings');
      this.error = null;
    } catch (error) {
      this.error = error;
    }
  }

  async reload() {
    this.busy = true;
    try {
      const { data } = await call('POST', '/reload');
      await this.load();
      const { changed, waiting_for_restart: waiting } = data;
      if (changed.length === 0 && waiting.length === 0) {
        say('Read again: nothing has changed.');
        return;
      }
      ask({
        title: 'The settings were read again',
        body: html`${names('In force now', changed)} ${names('Waiting for a restart', waiting)}`,
      });
    } catch (error) {
      await this.load();
      this.error = error;
    } finally {
      this.busy = false;
    }
  }

  get found() {
    const sought = this.sought.toLowerCase();
    return (this.state?.settings ?? []).filter(
      (each) =>
        (this.all || sought || each.origin !== 'default' || each.waiting_for_restart) &&
        [each.path, each.origin, text(each.value)].some((part) => part.toLowerCase().includes(sought)),
    );
  }

  render() {
    const known = this.state;
    return html`
      <div class="page-head">
        <h1>Settings</h1>
        <p class="note">By what this node runs. They are changed in its file or environment; secrets are not shown.</p>
        ${may('reload') ? html`<button type="button" class="primary" ?disabled=${this.busy} @click=${this.reload}>Read them again</button>` : nothing}
      </div>
      ${problem(this.error)}
      ${known ? this.standing(known) : nothing}
      <section class="card">
        <header class="card-head tools">
          <input type="search" aria-label="Find a setting by name, value or origin" placeholder="rate_limits, database, gatehouse.yaml" autocomplete="off" spellcheck="false"
            .value=${this.sought} @input=${(/** @type {any} */ e) => this.narrow({ sought: e.target.value.trim() })}>
          <label class="check"><input type="checkbox" .checked=${this.all} @change=${(/** @type {any} */ e) => this.narrow({ all: e.target.checked })}>Defaults, too</label>
        </header>
        ${this.found.length
          ? html`<div class="scroll"><table class="rows">
              <thead><tr><th scope="col">Setting</th><th scope="col">Value</th><th scope="col">From</th><th scope="col">State</th></tr></thead>
              <tbody>${this.found.map(
                (each) => html`<tr><th scope="row"><code>${each.path}</code></th>
                  <td class="path"><code>${text(each.value)}</code></td>
                  <td class="path" data-label="From">${each.origin}</td>
                  <td>${each.waiting_for_restart ? state('warn', 'another value waits for a restart') : state('good', 'in force')}</td></tr>`,
              )}</tbody></table></div>`
          : html`<p class="note">${known
              ? this.sought
                ? 'No setting has this in it.'
                : 'Nothing is said in a file or the environment: all is as it is by default.'
              : 'Reading…'}</p>`}
      </section>
    `;
  }

  /** @param {State} known */
  standing(known) {
    return html`<dl class="facts standing">
      <div><dt>Read</dt><dd>${at(known.loaded_at)}</dd></div>
      <div><dt>The last time</dt><dd>${known.last_reload_successful ? state('good', 'they were good') : state('bad', 'they were faulty; those before stay in force')}</dd></div>
      <div><dt>Waiting for a restart</dt><dd>${known.waiting_for_restart.length
        ? state('warn', known.waiting_for_restart.map((name, i) => html`${i ? ', ' : ''}<code>${name}</code>`))
        : 'nothing'}</dd></div>
    </dl>`;
  }
}

/** @param {unknown} value */
const text = (value) => (typeof value === 'string' ? value : JSON.stringify(value));

/** @param {string} title @param {string[]} list */
const names = (title, list) =>
  list.length ? html`<div><h3>${title}</h3><ul>${list.map((name) => html`<li><code>${name}</code></li>`)}</ul></div>` : nothing;

customElements.define('gh-settings', Settings);
