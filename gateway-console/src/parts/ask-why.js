import { html, nothing } from 'lit';
import { call } from '../api.js';
import { Element } from '../element.js';
import { fieldOf, problem } from './common.js';
import { explained } from './explain.js';

const FIELDS = ['key_id', 'method', 'target', 'host', 'address'];

/** Asks what would be decided of a request now, and where it would go. */
class AskWhy extends Element {
  static properties = { heading: {}, answer: { state: true }, error: { state: true } };

  constructor() {
    super();
    this.heading = 'Ask why';
    /** @type {import('./explain.js').Explanation | null} */
    this.answer = null;
    /** @type {unknown} */
    this.error = null;
  }

  /** @param {SubmitEvent} event */
  async question(event) {
    event.preventDefault();
    const form = /** @type {HTMLFormElement} */ (event.target);
    const question = Object.fromEntries(FIELDS.map((name) => [name, fieldOf(form, name)]).filter(([, value]) => value));
    try {
      this.answer = (await call('POST', '/explain', question)).data;
      this.error = null;
    } catch (error) {
      this.answer = null;
      this.error = error;
    }
  }

  render() {
    return html`
      <header class="card-head"><h2>${this.heading}</h2></header>
      <p class="note">What would be decided of a request now. Nothing is spent by asking, and nothing is sent to a backend.</p>
      <form class="fields" @submit=${this.question}>
        <label class="field">Id of the key<input name="key_id" autocomplete="off" spellcheck="false" placeholder="without a key"></label>
        <label class="field">Method<input name="method" value="GET" autocomplete="off"></label>
        <label class="field grow">Path and query<input name="target" value="/" autocomplete="off" spellcheck="false"></label>
        <label class="field">Host<input name="host" autocomplete="off" spellcheck="false" placeholder="none"></label>
        <label class="field">Address<input name="address" autocomplete="off" placeholder="yours"></label>
        <button class="primary">Explain</button>
      </form>
      ${problem(this.error)}
      <div aria-live="polite">${this.answer ? explained(this.answer) : nothing}</div>
    `;
  }
}

customElements.define('gh-ask-why', AskWhy);
