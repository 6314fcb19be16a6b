import { html, nothing } from 'lit';
import { get } from './api.js';
import { Element } from './element.js';
import { Follow, live } from './live.js';
import { preferences, setShortcuts, setTheme, shortcuts, theme } from './preferences.js';
import { forgetNames } from './names.js';
import { become, may, session, signOut, token, who } from './session.js';
import { problem } from './parts/common.js';
import { ask } from './parts/dialog.js';
import { listed, pageAt } from './pages.js';
import './pages/sign-in.js';

/** @type {Record<string, string>} */
const THEMES = { system: 'As the system', light: 'Light', dark: 'Dark' };
const SAID_FOR_MS = 4000;

/** The frame: who is signed in, where one can go, and the page. */
class App extends Element {
  static properties = { said: { state: true }, error: { state: true } };

  constructor() {
    super();
    this.said = '';
    /** @type {unknown} why it cannot be told who has signed in */
    this.error = null;
    this.lastKey = '';
    /** @type {string | undefined} the path of the page that is shown */
    this.path = undefined;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.silence = undefined;
    new Follow(this);
  }

  connectedCallback() {
    super.connectedCallback();
    session.addEventListener('change', () => this.turn());
    preferences.addEventListener('change', () => this.requestUpdate());
    addEventListener('hashchange', () => this.requestUpdate());
    addEventListener('keydown', (event) => this.key(event));
    document.addEventListener('gh-say', (event) => this.say(/** @type {CustomEvent<string>} */ (event).detail));
    this.turn();
  }

  /** Asks who has signed in, and follows what happens if they may. */
  turn() {
    if (!token()) {
      live.stop();
      forgetNames();
    } else if (!who()) {
      this.recognise();
    } else if (may('watch')) {
      live.start();
    }
    this.requestUpdate();
  }

  async recognise() {
    this.error = null;
    try {
      become(await get('/me'));
    } catch (error) {
      this.error = error;
    }
  }

  /** @param {string} text */
  say(text) {
    this.said = text;
    clearTimeout(this.silence);
    this.silence = setTimeout(() => (this.said = ''), SAID_FOR_MS);
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    const target = /** @type {HTMLElement} */ (event.target);
    if (!who() || !shortcuts() || event.ctrlKey || event.metaKey || event.altKey || target.closest('input, textarea, select, dialog')) {
      return;
    }
    const before = this.lastKey;
    this.lastKey = event.key;
    const page = before === 'g' ? listed().find((each) => each.key === event.key) : undefined;
    if (page) {
      location.hash = page.path;
    } else if (event.key === '?') {
      this.help();
    } else if (event.key === '/') {
      /** @type {HTMLElement | null} */ (this.querySelector('input[type=search]'))?.focus();
    } else {
      return;
    }
    event.preventDefault();
  }

  help() {
    ask({
      title: 'Keyboard',
      body: html`<dl class="keys">
          ${listed().map((page) => html`<dt><kbd>g</kbd> <kbd>${page.key}</kbd></dt><dd>${page.name}</dd>`)}
          <dt><kbd>/</kbd></dt><dd>the field to search with</dd>
          <dt><kbd>?</kbd></dt><dd>this help</dd>
        </dl>
        <label class="check"><input type="checkbox" .checked=${shortcuts()}
          @change=${(/** @type {Event} */ e) => setShortcuts(/** @type {HTMLInputElement} */ (e.target).checked)}>
          Letters are commands</label>`,
    });
  }

  updated() {
    const [now] = location.hash.slice(1).split('?', 1);
    if (!who() || this.path === now) {
      return;
    }
    const first = this.path === undefined;
    this.path = now;
    this.querySelector('nav [aria-current]')?.scrollIntoView({ block: 'nearest', inline: 'nearest' }); // on a phone they are one row
    if (!first) {
      scrollTo(0, 0);
      /** @type {HTMLElement | null} */ (this.querySelector('main'))?.focus();
    }
  }

  render() {
    if (!token()) {
      this.path = undefined;
      document.title = 'Sign in · Gatehouse';
      return html`<gh-sign-in></gh-sign-in>`;
    }
    if (!who()) {
      return html`<main class="sign-in"><h1>Gatehouse</h1>${problem(this.error)}
        ${this.error
          ? html`<div class="actions"><button type="button" @click=${signOut}>Sign out</button>
              <button type="button" class="primary" @click=${this.recognise}>Try again</button></div>`
          : html`<p class="note">Reading…</p>`}</main>`;
    }
    const { page, rest, query } = pageAt(location.hash.slice(1));
    document.title = `${page.name} · Gatehouse`;
    return html`
      <a class="skip" href="#main" @click=${this.skip}>Skip to the page</a>
      <header class="top">
        <a class="brand" href="#${listed()[0].path}"><svg viewBox="0 0 32 32" aria-hidden="true"><path d="M7 25V9h3v3h3V9h6v3h3V9h3v16h-6v-5a3 3 0 0 0-6 0v5z"></path></svg>Gatehouse</a>
        ${may('watch') ? this.status() : nothing}
      </header>
      <nav aria-label="Pages">
        <ul>
          ${listed().map(
            (each) => html`<li><a href="#${each.path}" aria-current=${each === page ? 'page' : nothing}>${each.name}</a></li>`,
          )}
        </ul>
        <div class="tools">
          <label class="field inline">Theme
            <select @change=${(/** @type {any} */ e) => setTheme(e.target.value)}>
              ${Object.entries(THEMES).map(([value, name]) => html`<option value=${value} ?selected=${value === theme()}>${name}</option>`)}
            </select>
          </label>
          <button type="button" class="quiet key-help" @click=${this.help}>Keyboard</button>
          <button type="button" class="quiet" @click=${signOut}>Sign out</button>
          <p class="note">${who()?.name}, ${who()?.role}${who()?.tenant ? html` of ${who()?.tenant}` : nothing}</p>
        </div>
      </nav>
      <main id="main" tabindex="-1">${may(page.operation) ? page.render(rest, query) : this.closed(page)}</main>
      <gh-dialog></gh-dialog>
      <div class="said" role="status">${this.said ? html`<p>${this.said}</p>` : nothing}</div>
    `;
  }

  /** @param {import('./pages.js').Page} page */
  closed(page) {
    return html`<div class="page-head"><h1>${page.name}</h1></div>
      <section class="card"><p>Your role, ${who()?.role}, has no part in this page. An owner can give you another one.</p></section>`;
  }

  /** @param {Event} event */
  skip(event) {
    event.preventDefault();
    /** @type {HTMLElement | null} */ (this.querySelector('main'))?.focus();
  }

  status() {
    const text = {
      off: '○ off',
      connecting: '◐ connecting',
      live: '● live',
      lost: '✕ no live data, trying again',
    }[live.state];
    return html`<p class="live ${live.state}" role="status" title=${live.why || nothing}>${text}</p>`;
  }
}

customElements.define('gh-app', App);
