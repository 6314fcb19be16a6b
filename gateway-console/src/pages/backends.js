import { html, nothing } from 'lit';
import { call, get } from '../api.js';
import { Element } from '../element.js';
import { count, span } from '../format.js';
import { backendState, fieldOf, numberOr, problem, say } from '../parts/common.js';
import { ask } from '../parts/dialog.js';
import { may } from '../session.js';

/**
 * @typedef {object} Backend
 * @property {string} url
 * @property {string} pool
 * @property {number} weight
 * @property {string} state
 * @property {string} health_check_interval
 * @property {string} origin
 * @property {boolean} in_file
 * @property {string} health
 * @property {string | null} since
 * @property {string} breaker
 * @property {string | null} ejected_until
 * @property {number} share
 * @property {number} in_flight
 * @property {string | null} last_error
 */

const EVERY_MS = 2000;

/** @type {Record<string, string>} */
const ORIGINS = { file: 'the configuration', discovery: 'discovery', registration: 'itself', store: 'here' };

/** Where requests go: add, weigh, drain, take away. */
class Backends extends Element {
  static properties = { backends: { state: true }, error: { state: true } };

  constructor() {
    super();
    /** @type {Backend[] | null} null: not read yet */
    this.backends = null;
    /** @type {unknown} */
    this.error = null;
    /** @type {ReturnType<typeof setInterval> | undefined} */
    this.clock = undefined;
  }

  connectedCallback() {
    super.connectedCallback();
    this.load();
    this.clock = setInterval(() => this.load(), EVERY_MS);
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    clearInterval(this.clock);
  }

  async load() {
    try {
      this.backends = (await get('/backends')).backends;
      this.error = null;
    } catch (error) {
      this.error = error;
    }
  }

  /** @param {Record<string, unknown>} change @param {string} done */
  async put(change, done) {
    await call('PUT', '/backends', change);
    say(done);
    await this.load();
  }

  add() {
    ask({
      title: 'Add a backend',
      body: html`<label class="field">Address<input name="url" type="url" placeholder="http://10.0.0.5:8080" autocomplete="off"></label>
        <label class="field">Pool<input name="pool" autocomplete="off" placeholder="default"></label>
        <label class="field">Weight, 1 to 100<input name="weight" inputmode="numeric" value="1" autocomplete="off"></label>`,
      yes: 'Add',
      action: (form) =>
        this.put(
          {
            url: fieldOf(form, 'url'),
            weight: numberOr(fieldOf(form, 'weight')),
            ...(fieldOf(form, 'pool') ? { pool: fieldOf(form, 'pool') } : {}),
          },
          'The backend was added.',
        ),
    });
  }

  /** @param {Backend} backend */
  weigh(backend) {
    ask({
      title: 'Weight',
      body: html`<p class="note"><code>${backend.url}</code></p>
        <label class="field">Weight, 1 to 100: its share beside the others
          <input name="weight" inputmode="numeric" .value=${String(backend.weight)} autocomplete="off"></label>`,
      yes: 'Change',
      action: (form) =>
        this.put({ url: backend.url, weight: numberOr(fieldOf(form, 'weight')) }, 'The weight was changed.'),
    });
  }

  /** @param {Backend} backend */
  turn(backend) {
    const drain = backend.state === 'enabled';
    ask({
      title: drain ? 'Drain this backend?' : 'Enable this backend?',
      body: html`<p><code>${backend.url}</code></p>
        <p>${drain ? 'It gets no new requests; those under way go on.' : 'It gets requests again.'}</p>`,
      yes: drain ? 'Drain' : 'Enable',
      action: () =>
        this.put({ url: backend.url, state: drain ? 'draining' : 'enabled' }, drain ? 'It drains.' : 'It is enabled.'),
    });
  }

  /** @param {Backend} backend */
  erase(backend) {
    const given = backend.in_file || backend.origin === 'discovery';
    ask({
      title: given ? 'Forget what was changed here?' : 'Remove this backend?',
      body: html`<p><code>${backend.url}</code></p>
        <p>${given ? 'What the configuration says of it holds again.' : 'Requests under way go on to their end.'}</p>`,
      yes: given ? 'Forget' : 'Remove',
      danger: true,
      action: async () => {
        await call('DELETE', `/backends?url=${encodeURIComponent(backend.url)}`);
        say(given ? 'What was changed here is forgotten.' : 'The backend was removed.');
        await this.load();
      },
    });
  }

  render() {
    const backends = this.backends;
    return html`
      <div class="page-head">
        <h1>Backends</h1>
        <p class="note">Health is what this node knows; weights and states hold on all nodes.</p>
        ${may('putBackend') ? html`<button type="button" class="primary" @click=${this.add}>Add a backend</button>` : nothing}
      </div>
      ${problem(this.error)}
      <section class="card">
        ${backends?.length
          ? html`<div class="scroll"><table class="rows">
              <thead><tr><th scope="col">Address</th><th scope="col">State</th><th scope="col">Pool</th><th scope="col" class="num">Weight</th>
                <th scope="col" class="num">Under way</th><th scope="col">From</th><th scope="col"><span class="sr-only">Deeds</span></th></tr></thead>
              <tbody>${backends.map((backend) => this.row(backend))}</tbody></table></div>`
          : backends
            ? html`<p class="note">There is none yet. Until there is one, requests that are admitted get 503.</p>`
            : this.error
              ? nothing
              : html`<p class="note">Reading…</p>`}
      </section>
    `;
  }

  /** @param {Backend} backend */
  row(backend) {
    return html`<tr>
      <th scope="row"><span class="url">${backend.url}</span>
        ${backend.last_error && backend.health !== 'healthy' ? html`<p class="note">${backend.last_error}</p>` : nothing}</th>
      <td>${backendState(backend)}${backend.since ? html`<p class="note">for ${span((Date.now() - Date.parse(backend.since)) / 1000)}</p>` : nothing}</td>
      <td data-label="Pool">${backend.pool}</td>
      <td class="num" data-label="Weight">${backend.weight}</td>
      <td class="num" data-label="Under way">${count(backend.in_flight)}</td>
      <td data-label="From">${ORIGINS[backend.origin] ?? backend.origin}</td>
      <td class="deeds">
        ${may('putBackend')
          ? html`<button type="button" class="small" aria-label="Weight of ${backend.url}" @click=${() => this.weigh(backend)}>Weight</button>
              <button type="button" class="small" aria-label="${backend.state === 'enabled' ? 'Drain' : 'Enable'} ${backend.url}"
                @click=${() => this.turn(backend)}>${backend.state === 'enabled' ? 'Drain' : 'Enable'}</button>`
          : nothing}
        ${may('deleteBackend') && ['store', 'registration'].includes(backend.origin)
          ? html`<button type="button" class="small" aria-label="${backend.in_file ? 'Forget changes of' : 'Remove'} ${backend.url}"
              @click=${() => this.erase(backend)}>${backend.in_file ? 'Forget' : 'Remove'}</button>`
          : nothing}
      </td></tr>`;
  }
}

customElements.define('gh-backends', Backends);
