import { html, nothing } from 'lit';
import { get } from '../api.js';
import { Element } from '../element.js';
import { words } from '../format.js';
import '../parts/ask-why.js';
import { problem, state } from '../parts/common.js';
import { ask } from '../parts/dialog.js';

/**
 * @typedef {{set: Record<string, string>, remove: string[]}} FieldChanges
 *
 * @typedef {object} Route
 * @property {string} name
 * @property {string | null} host
 * @property {string} path
 * @property {string[]} methods
 * @property {string} pool
 * @property {string | null} limits
 * @property {string} connect_timeout
 * @property {string} response_timeout
 * @property {string} idle_timeout
 * @property {string} total_timeout
 * @property {string} strip_prefix
 * @property {string} add_prefix
 * @property {FieldChanges} request_headers
 * @property {FieldChanges} response_headers
 *
 * @typedef {object} Pool
 * @property {string} pool
 * @property {string} algorithm
 * @property {string} hash_key
 * @property {string} answers
 * @property {string} breaker
 * @property {number} backends_total
 * @property {number} backends_usable
 * @property {{path: string, render_path: string | null}} health_check
 */

/** Which request goes where: the routes in their order, and the pools behind them. */
class Routes extends Element {
  static properties = { found: { state: true }, error: { state: true } };

  constructor() {
    super();
    /** @type {{routes: Route[], pools: Pool[]} | null} */
    this.found = null;
    /** @type {unknown} */
    this.error = null;
  }

  connectedCallback() {
    super.connectedCallback();
    this.load();
  }

  async load() {
    try {
      this.found = await get('/routes');
      this.error = null;
    } catch (error) {
      this.error = error;
    }
  }

  /** @param {Route} route */
  show(route) {
    const none = html`<span class="note">none</span>`;
    ask({
      title: route.name,
      wide: true,
      body: html`<dl class="facts">
          <div><dt>Host</dt><dd>${route.host ? html`<code>${route.host}</code>` : 'any'}</dd></div>
          <div><dt>Path</dt><dd><code>${route.path}</code></dd></div>
          <div><dt>Methods</dt><dd>${route.methods.length ? route.methods.join(', ') : 'all'}</dd></div>
          <div><dt>Pool</dt><dd>${route.pool}</dd></div>
          <div><dt>Charged as the endpoint</dt><dd>${route.limits ? html`<code>${route.limits}</code>` : none}</dd></div>
          <div><dt>Prefix taken off</dt><dd>${route.strip_prefix ? html`<code>${route.strip_prefix}</code>` : none}</dd></div>
          <div><dt>Prefix put on</dt><dd>${route.add_prefix ? html`<code>${route.add_prefix}</code>` : none}</dd></div>
          <div><dt>To connect</dt><dd>${route.connect_timeout}</dd></div>
          <div><dt>To answer</dt><dd>${unbounded(route.response_timeout)}</dd></div>
          <div><dt>Idle</dt><dd>${unbounded(route.idle_timeout)}</dd></div>
          <div><dt>In all</dt><dd>${unbounded(route.total_timeout)}</dd></div>
        </dl>
        <h3>Fields of the request</h3>${changes(route.request_headers)}
        <h3>Fields of the answer</h3>${changes(route.response_headers)}`,
    });
  }

  render() {
    const found = this.found;
    return html`
      <div class="page-head">
        <h1>Routes</h1>
        <p class="note">The first that covers a request holds. They are read here, and changed in the configuration.</p>
        <button type="button" @click=${this.load}>Read again</button>
      </div>
      ${problem(this.error)}
      ${found
        ? html`
            <section class="card">
              <h2>In the order in which they are looked at</h2>
              ${found.routes.length
                ? html`<div class="scroll"><table class="rows">
                    <thead><tr><th scope="col">Route</th><th scope="col">Host</th><th scope="col">Path</th><th scope="col">Methods</th><th scope="col">Pool</th>
                      <th scope="col">Limits</th><th scope="col"><span class="sr-only">Deeds</span></th></tr></thead>
                    <tbody>${found.routes.map((route, i) => this.row(route, i))}</tbody></table></div>`
                : html`<p class="note">There are no routes: every request goes to the pool <code>default</code>, as it came. Routes are named in the
                    configuration under <code>routes</code>.</p>`}
            </section>
            <section class="card">
              <header class="card-head"><h2>Pools</h2><a href="#/backends">Backends</a></header>
              <div class="scroll"><table class="rows">
                <thead><tr><th scope="col">Pool</th><th scope="col">State</th><th scope="col">Backends</th><th scope="col">Chosen by</th><th scope="col">Health check</th></tr></thead>
                <tbody>${found.pools.map(
                  (pool) => html`<tr><th scope="row">${pool.pool}</th><td>${poolState(pool)}</td>
                    <td data-label="Backends">${pool.backends_usable} of ${pool.backends_total} take requests</td>
                    <td data-label="Chosen by">${words(pool.algorithm)}${pool.algorithm.includes('hash') ? html`, <code>${pool.hash_key}</code>` : nothing}</td>
                    <td data-label="Health check"><code>${pool.health_check.path}</code>${pool.health_check.render_path
                      ? html`<p class="note"><code>${pool.health_check.render_path}</code></p>`
                      : nothing}</td></tr>`,
                )}</tbody></table></div>
            </section>`
        : this.error ? nothing : html`<section class="card"><p class="note">Reading…</p></section>`}
      <gh-ask-why class="card" .heading=${'Where would a request go?'}></gh-ask-why>
    `;
  }

  /** @param {Route} route @param {number} i */
  row(route, i) {
    return html`<tr>
      <th scope="row">${i + 1}. ${route.name}</th>
      <td data-label="Host">${route.host ? html`<code>${route.host}</code>` : html`<span class="note">any</span>`}</td>
      <td><code>${route.path}</code></td>
      <td data-label="Methods">${route.methods.length ? route.methods.join(', ') : html`<span class="note">all</span>`}</td>
      <td data-label="Pool">${route.pool}</td>
      <td data-label="Limits">${route.limits ? html`<code>${route.limits}</code>` : html`<span class="note">none</span>`}</td>
      <td class="deeds"><button type="button" class="small" aria-label="Show the route ${route.name}" @click=${() => this.show(route)}>Show</button></td></tr>`;
  }
}

/** @param {string} duration */
const unbounded = (duration) => (duration === '0s' ? 'no bound' : duration);

/** @param {Pool} pool */
function poolState(pool) {
  if (pool.breaker !== 'closed') {
    return state(pool.breaker === 'open' ? 'bad' : 'warn', pool.breaker === 'open' ? 'rests' : 'on trial');
  }
  if (pool.backends_usable === 0) {
    return state('bad', 'no backend');
  }
  return pool.backends_usable < pool.backends_total ? state('warn', 'fewer than all') : state('good', 'whole');
}

/** @param {FieldChanges} fields */
function changes({ set, remove }) {
  const rows = Object.entries(set);
  return rows.length || remove.length
    ? html`<ul>${rows.map(([name, value]) => html`<li>set <code>${name}: ${value}</code></li>`)}${remove.map((name) => html`<li>taken away <code>${name}</code></li>`)}</ul>`
    : html`<p class="note">As they come.</p>`;
}

customElements.define('gh-routes', Routes);
