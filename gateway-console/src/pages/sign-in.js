import { html, nothing } from 'lit';
import { ApiError, call } from '../api.js';
import { Element } from '../element.js';
import { fieldOf, problem } from '../parts/common.js';
import { signIn } from '../session.js';

/** Takes the administrator's token, and says where it is. */
class SignIn extends Element {
  static properties = { inFile: { state: true }, error: { state: true }, busy: { state: true } };

  constructor() {
    super();
    /** @type {boolean | null} null: not known yet */
    this.inFile = null;
    /** @type {unknown} */
    this.error = null;
    this.busy = false;
  }

  async connectedCallback() {
    super.connectedCallback();
    const response = await fetch('sign-in.json', { cache: 'no-store', credentials: 'omit' }).catch(() => null);
    this.inFile = response?.ok ? (await response.json()).token_in_file : null;
  }

  firstUpdated() {
    this.querySelector('input')?.focus();
  }

  /** @param {SubmitEvent} event */
  async submit(event) {
    event.preventDefault();
    const given = fieldOf(/** @type {HTMLFormElement} */ (event.target), 'token');
    if (!/^[\x21-\x7e]+$/.test(given)) {
      this.error = given ? 'A token has letters, digits and signs of ASCII only.' : 'Paste the token.';
      return;
    }
    this.busy = true;
    this.error = null;
    try {
      const { data } = await call('GET', '/me', undefined, { token: given });
      if (!data.operations.includes('listUsers')) {
        throw new ApiError(0, 'Not for people', 'This token is for backends that register themselves, and nothing else.');
      }
      signIn(given, data);
    } catch (error) {
      this.error = error;
    } finally {
      this.busy = false;
    }
  }

  render() {
    return html`<main class="sign-in">
      <h1><svg viewBox="0 0 32 32" aria-hidden="true"><path d="M7 25V9h3v3h3V9h6v3h3V9h3v16h-6v-5a3 3 0 0 0-6 0v5z"></path></svg>Gatehouse</h1>
      <form class="card" @submit=${this.submit}>
        <label class="field">The administrator's token
          <input name="token" type="password" autocomplete="current-password" spellcheck="false" aria-describedby="where">
        </label>
        ${problem(this.error)}
        <button class="primary" ?disabled=${this.busy}>Sign in</button>
        <div id="where" class="note">${this.where()}</div>
      </form>
      <p class="note">The token stays in this tab and goes when the tab is closed.</p>
    </main>`;
  }

  where() {
    if (this.inFile === null) {
      return nothing;
    }
    return this.inFile
      ? html`<p>First time here? The first start of the gateway has made the token and written it to the file
          <code>admin-token</code> in its data directory (<code>data_dir</code>, usually <code>data</code>). Show it on that
          machine:</p>
          <pre tabindex="0" role="group" aria-label="The command">cat data/admin-token</pre>`
      : html`<p>It is <code>admin.token</code> of the configuration, or what <code>GATEHOUSE_ADMIN_TOKEN</code> says.</p>`;
  }
}

customElements.define('gh-sign-in', SignIn);
