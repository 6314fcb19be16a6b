import { html, nothing } from 'lit';
import { tellAddress } from '../address.js';
import { get, path } from '../api.js';
import { Element } from '../element.js';
import { at, bytes, count, date, short } from '../format.js';
import { Names } from '../names.js';
import '../parts/chart.js';
import { fieldOf, problem } from '../parts/common.js';
import { lines, SPANS, together, total } from '../parts/history.js';
import '../user/violations.js';

/** @typedef {import('../parts/history.js').Row} Row */

/** Of the address and of the API: what no endpoint covers. */
const NO_ENDPOINT = '-';

/** @type {import('../parts/chart.js').Series[]} */
const REQUESTS = [
  { label: 'Requests', color: '--c1', fill: true },
  { label: 'Errors', color: '--c3', dash: [2, 3] },
];

/** @type {import('../parts/chart.js').Series[]} */
const BYTES = [
  { label: 'Sent to them', color: '--c1', fill: true },
  { label: 'Sent by them', color: '--c2', dash: [6, 3] },
];

/** What a user has transferred: by the minute, hour or day, and by endpoint. */
class Usage extends Element {
  static properties = { user: {}, query: {}, rows: { state: true }, error: { state: true }, busy: { state: true } };

  constructor() {
    super();
    /** Whose it is; empty: nobody's is chosen. */
    this.user = '';
    /** What the address says: `span`, the place in SPANS, and `endpoint`. */
    this.query = '';
    /** @type {Row[] | null} a row for each time and endpoint */
    this.rows = null;
    this.from = 0;
    this.to = 0;
    /** @type {unknown} */
    this.error = null;
    this.busy = false;
    this.span = SPANS[3];
    this.endpoint = '';
    this.names = new Names(this);
  }

  /** @param {Map<string, unknown>} changed */
  willUpdate(changed) {
    const said = new URLSearchParams(this.query);
    const before = this.span;
    this.span = SPANS[Number(said.get('span') ?? 3)] ?? SPANS[3];
    this.endpoint = said.get('endpoint') ?? '';
    if (this.user && (changed.has('user') || this.span !== before)) {
      this.rows = changed.has('user') ? null : this.rows;
      this.load();
    }
  }

  /** @param {{span?: string, endpoint?: string}} change */
  narrow({ span = String(SPANS.indexOf(this.span)), endpoint = this.endpoint }) {
    this.query = tellAddress({ span: span === '3' ? '' : span, endpoint });
  }

  async load() {
    this.busy = true;
    try {
      const { by, ms } = this.span;
      const from = new Date(Date.now() - ms).toISOString();
      const answer = await get(path`/users/${this.user}/usage/history?by=${by}&group=endpoint&from=${from}`);
      this.from = Date.parse(answer.from);
      this.to = Date.parse(answer.to);
      this.rows = answer.history;
      this.error = null;
    } catch (error) {
      this.error = error;
    } finally {
      this.busy = false;
    }
  }

  /** @param {SubmitEvent} event */
  async find(event) {
    event.preventDefault();
    const name = fieldOf(/** @type {HTMLFormElement} */ (event.target), 'name');
    try {
      const [user] = (await get(path`/users?name=${name}`)).users;
      this.error = user ? null : `There is no user called ${name}.`;
      if (user) {
        location.hash = `/usage/${user.id}`;
      }
    } catch (error) {
      this.error = error;
    }
  }

  render() {
    return html`
      <div class="page-head">
        <h1>Usage${this.user ? html` of ${this.names.link(this.user)}` : nothing}</h1>
        <form class="search" role="search" @submit=${this.find}>
          <input type="search" name="name" aria-label="Show the use of the user with this name" placeholder="Name of a user" autocomplete="off">
        </form>
      </div>
      ${problem(this.error)}
      ${this.user ? this.shown() : html`<section class="card"><p class="note">Whose use? Type the name of a user above, or choose one of the <a href="#/users">users</a>.</p></section>`}
    `;
  }

  shown() {
    const all = this.rows ?? [];
    const endpoints = [...new Set(all.map((row) => row.endpoint ?? ''))].sort();
    const rows = together(all.filter((row) => !this.endpoint || (row.endpoint || NO_ENDPOINT) === this.endpoint));
    const sum = total(rows);
    return html`
      <div class="fields">
        <label class="field">Time
          <select @change=${(/** @type {any} */ e) => this.narrow({ span: e.target.value })}>
            ${SPANS.map((span, i) => html`<option value=${i} ?selected=${span === this.span}>${span.name}</option>`)}</select></label>
        <label class="field">Endpoint
          <select @change=${(/** @type {any} */ e) => this.narrow({ endpoint: e.target.value })}>
            <option value="">all together</option>
            ${endpoints.map((name) => html`<option value=${name || NO_ENDPOINT} ?selected=${(name || NO_ENDPOINT) === this.endpoint}>${name || 'what none covers'}</option>`)}
          </select></label>
        <button type="button" ?disabled=${this.busy} @click=${this.load}>Read again</button>
      </div>
      <dl class="tiles" aria-label="In this time">
        ${tile('Requests', short(sum.requests), `${count(sum.errors)} of them errors`)}
        ${tile('Sent to them', bytes(sum.response_bytes), 'answers')}
        ${tile('Sent by them', bytes(sum.request_bytes), 'requests')}
      </dl>
      ${this.rows && !this.rows.length
        ? html`<section class="card"><p class="note">Nothing was transferred in this time. Every request that was admitted counts here a second after its end.</p></section>`
        : nothing}
      ${this.rows?.length
        ? html`${this.chart('Requests', REQUESTS, rows, [(row) => row.requests, (row) => row.errors], count,
              `${count(sum.requests)} requests, of which ${count(sum.errors)} were errors.`)}
            ${this.chart('Bytes', BYTES, rows, [(row) => row.response_bytes, (row) => row.request_bytes], (value) => bytes(Math.round(value)),
              `${bytes(sum.response_bytes)} were sent to them, and ${bytes(sum.request_bytes)} by them.`)}
            ${this.endpoints(all)}`
        : nothing}
      <gh-violations class="card" .user=${this.user}></gh-violations>
    `;
  }

  /**
   * @param {string} label
   * @param {import('../parts/chart.js').Series[]} series
   * @param {Row[]} rows
   * @param {((row: Row) => number)[]} values
   * @param {(value: number) => string} format
   * @param {string} summary
   */
  chart(label, series, rows, values, format, summary) {
    const { by, seconds } = this.span;
    return html`<gh-chart class="card" .label=${`${label} by the ${by}`} .series=${series} .format=${format} .summary=${summary}
      .data=${lines(rows, this.from, this.to, seconds, values)}
      .when=${(/** @type {number} */ second) => (by === 'day' ? date(second * 1000) : at(second * 1000))}></gh-chart>`;
  }

  /** @param {Row[]} all */
  endpoints(all) {
    const names = [...new Set(all.map((row) => row.endpoint ?? ''))];
    if (names.length < 2) {
      return nothing;
    }
    const sums = names
      .map((name) => ({ name, sum: total(all.filter((row) => (row.endpoint ?? '') === name)) }))
      .sort((a, b) => b.sum.requests - a.sum.requests);
    return html`<section class="card"><h2>By endpoint</h2>
      <div class="scroll"><table>
        <thead><tr><th scope="col">Endpoint</th><th scope="col" class="num">Requests</th><th scope="col" class="num">Errors</th>
          <th scope="col" class="num">Sent to them</th><th scope="col" class="num">Sent by them</th></tr></thead>
        <tbody>${sums.map(
          ({ name, sum }) => html`<tr><th scope="row">${name ? html`<code>${name}</code>` : html`<span class="note">what none covers</span>`}</th>
            <td class="num">${count(sum.requests)}</td><td class="num">${count(sum.errors)}</td>
            <td class="num">${bytes(sum.response_bytes)}</td><td class="num">${bytes(sum.request_bytes)}</td></tr>`,
        )}</tbody></table></div></section>`;
  }
}

/** @param {string} name @param {string} value @param {string} unit */
const tile = (name, value, unit) =>
  html`<div class="tile"><dt>${name}</dt><dd><b>${value}</b> <span>${unit}</span></dd></div>`;

customElements.define('gh-usage', Usage);
