import { html, svg } from 'lit';
import { Element } from '../element.js';
import { count, millis, percent, rate, time, words } from '../format.js';
import { Follow, live, refusedIn } from '../live.js';
import { Names } from '../names.js';
import { backendState } from '../parts/common.js';
import '../parts/chart.js';

/** @typedef {import('../live.js').Figures} Figures */

const WINDOWS = /** @type {[number, string][]} */ ([[120, '2 minutes'], [600, '10 minutes']]);
const RECENT = 10;
const ROW = 64;

/** So many seconds without figures are a gap. */
const GAP = 5;

/** @type {import('../parts/chart.js').Series[]} */
const TRAFFIC = [
  { label: 'Admitted', color: '--c1', fill: true },
  { label: 'Refused', color: '--c2', dash: [6, 3] },
  { label: 'Errors', color: '--c3', dash: [2, 3] },
];

/** @type {import('../parts/chart.js').Series[]} */
const LATENCY = [
  { label: 'p50', color: '--c1' },
  { label: 'p95', color: '--c2', dash: [6, 3] },
  { label: 'p99', color: '--c4', dash: [2, 3] },
];

/** So many in a second. @param {number} n @param {Figures} figures */
const perSecond = (n, figures) => (n * 1000) / Math.max(figures.span_ms, 1);

/** @param {number[]} values */
const mean = (values) => (values.length ? values.reduce((sum, n) => sum + n, 0) / values.length : 0);

/** What the backends of a pool weigh together that take requests. @param {string} pool */
function weightOf(pool) {
  const backends = live.now?.backends ?? [];
  return backends.reduce((sum, each) => sum + (each.usable && each.pool === pool ? each.weight : 0), 0);
}

/** Whether all is well, who asks, who is refused, and which backend is to blame. */
class Overview extends Element {
  static properties = { seconds: { state: true } };

  constructor() {
    super();
    this.seconds = WINDOWS[0][0];
    this.names = new Names(this);
    new Follow(this);
  }

  /** What happened in the window. */
  get figures() {
    return live.figures.slice(-this.seconds);
  }

  render() {
    return html`
      <div class="page-head">
        <h1>Overview</h1>
        <p class="note">This node, as it happens.</p>
        <fieldset class="choice"><legend class="sr-only">Time shown</legend>
          ${WINDOWS.map(
            ([seconds, name]) => html`<label><input type="radio" name="window" .checked=${seconds === this.seconds}
              @change=${() => (this.seconds = seconds)}><span>${name}</span></label>`,
          )}
        </fieldset>
      </div>
      ${this.strip()}
      <div class="grid">
        ${this.traffic()} ${this.latency()} ${this.backends()} ${this.users()} ${this.reasons()} ${this.latest()}
      </div>
    `;
  }

  strip() {
    const recent = live.figures.slice(-RECENT);
    const now = live.now;
    const admitted = mean(recent.map((each) => perSecond(each.completed, each)));
    const refused = mean(recent.map((each) => perSecond(refusedIn(each), each)));
    const completed = recent.reduce((sum, each) => sum + each.completed, 0);
    const errors = recent.reduce((sum, each) => sum + each.errors, 0);
    const usable = now?.backends.filter((each) => each.usable).length ?? 0;
    const all = now?.backends.length ?? 0;
    /** @type {[string, string, string, string?][]} */
    const tiles = [
      ['Admitted', rate(admitted), 'a second'],
      ['Refused', rate(refused), 'a second'],
      ['Errors', completed ? `${((errors / completed) * 100).toFixed(errors ? 2 : 0)} %` : '–', 'of the admitted', errors ? 'bad' : ''],
      ['Half within', now?.latency_ms ? millis(now.latency_ms.p50) : '–', 'p50'],
      ['99 % within', now?.latency_ms ? millis(now.latency_ms.p99) : '–', 'p99'],
      ['Backends', now ? `${usable} of ${all}` : '–', 'take requests', now && usable < all ? (usable ? 'warn' : 'bad') : ''],
      ['Under way', now ? count(now.in_flight) : '–', 'at the backends'],
    ];
    return html`<dl class="tiles" aria-label="The last ten seconds">
      ${tiles.map(
        ([name, value, unit, kind]) => html`<div class="tile ${kind ?? ''}"><dt>${name}</dt><dd><b>${value}</b> <span>${unit}</span></dd></div>`,
      )}
    </dl>`;
  }

  traffic() {
    const figures = this.figures;
    const admitted = (/** @type {Figures} */ each) => perSecond(each.completed, each);
    const refused = (/** @type {Figures} */ each) => perSecond(refusedIn(each), each);
    const summary = figures.length
      ? `On average ${rate(mean(figures.map(admitted)))} admitted and ${rate(mean(figures.map(refused)))} refused a second; at most ${rate(Math.max(...figures.map(admitted)))} admitted.`
      : '';
    return html`<gh-chart class="card" .label=${'Requests a second'} .series=${TRAFFIC} .summary=${summary} .format=${rate}
      .data=${this.lines(admitted, refused, (each) => perSecond(each.errors, each))}></gh-chart>`;
  }

  latency() {
    const figures = this.figures;
    const of = (/** @type {'p50' | 'p95' | 'p99'} */ p) => (/** @type {Figures} */ each) => each.latency_ms?.[p] ?? null;
    const last = figures.findLast((each) => each.latency_ms)?.latency_ms;
    const summary = last
      ? `Half of the answers were whole within ${millis(last.p50)}, 95 % within ${millis(last.p95)}, 99 % within ${millis(last.p99)}, backend and client included.`
      : '';
    return html`<gh-chart class="card" .label=${'Latency'} .series=${LATENCY} .summary=${summary} .format=${millis}
      .data=${this.lines(of('p50'), of('p95'), of('p99'))}></gh-chart>`;
  }

  /**
   * Lines for a chart. Where nothing was told for a while, they are broken.
   *
   * @param {...((figures: Figures) => number | null)} lines
   * @returns {(number | null)[][]}
   */
  lines(...lines) {
    /** @type {(number | null)[][]} */
    const data = [[], ...lines.map(() => [])];
    let before = Infinity;
    for (const figures of this.figures) {
      const time = Date.parse(figures.time) / 1000;
      if (time - before > GAP) {
        data.forEach((line, i) => line.push(i === 0 ? before + 1 : null));
      }
      data.forEach((line, i) => line.push(i === 0 ? time : lines[i - 1](figures)));
      before = time;
    }
    return data;
  }

  backends() {
    const backends = live.now?.backends ?? [];
    const pools = live.now?.pools.length ?? 0;
    const height = Math.max(1, backends.length) * ROW;
    return html`<section class="card map">
      <header class="card-head"><h2>Backends</h2><a href="#/backends">Manage</a></header>
      ${backends.length
        ? html`<div class="map-body">
            <svg viewBox="0 0 120 ${height}" width="120" height=${height} aria-hidden="true">
              ${backends.map((each, i) => this.line(each, i, height))}
              <rect class="node" x="0" y=${height / 2 - 22} width="44" height="44" rx="8"></rect>
              <path class="gate" transform="translate(6 ${height / 2 - 17})" d="M7 25V9h3v3h3V9h6v3h3V9h3v16h-6v-5a3 3 0 0 0-6 0v5z"></path>
            </svg>
            <ul>
              ${backends.map(
                (each) => html`<li>
                  <p><b class="url">${each.url.replace(/^https?:\/\//, '')}</b> ${backendState(each)}</p>
                  <p class="note">${each.usable ? `${Math.round(percent(each.weight, weightOf(each.pool)))} % of the weight${pools > 1 ? ` of ${each.pool}` : ''}` : 'gets nothing new'},
                    ${count(each.in_flight)} under way${each.last_error && !each.usable ? `, ${each.last_error}` : ''}</p>
                </li>`,
              )}
            </ul>
          </div>`
        : html`<p class="note">${live.now ? html`There is none yet. <a href="#/backends">Add one</a>.` : 'Nothing yet.'}</p>`}
    </section>`;
  }

  /** @param {import('../live.js').Backend} backend @param {number} i @param {number} height */
  line(backend, i, height) {
    const y = i * ROW + ROW / 2;
    const kind = !backend.usable ? 'broken' : backend.breaker === 'closed' && backend.share === 100 ? 'good' : 'warn';
    const width = backend.usable ? 1.5 + (percent(backend.weight, weightOf(backend.pool)) / 100) * 7 : 1.5;
    return svg`<path class="line ${kind}" stroke-width=${width} d="M44 ${height / 2}C84 ${height / 2} 72 ${y} 116 ${y}"></path>`;
  }

  users() {
    /** @type {Map<string, {requests: number, refused: number}>} */
    const all = new Map();
    for (const figures of this.figures) {
      for (const row of figures.users) {
        const sum = all.get(row.user) ?? { requests: 0, refused: 0 };
        sum.requests += row.requests;
        sum.refused += row.refused;
        all.set(row.user, sum);
      }
    }
    const top = [...all].sort((a, b) => b[1].requests - a[1].requests).slice(0, 6);
    const most = top[0]?.[1].requests ?? 1;
    return html`<section class="card">
      <header class="card-head"><h2>Busiest users</h2></header>
      ${top.length
        ? html`<div class="scroll"><table>
            <thead><tr><th scope="col">User</th><th scope="col" class="num">Requests</th><th scope="col" class="num">Refused</th></tr></thead>
            <tbody>${top.map(
              ([id, row]) => html`<tr>
                <th scope="row">${this.names.link(id)}${this.bar(row.requests, most)}</th>
                <td class="num">${count(row.requests)}</td>
                <td class="num">${count(row.refused)}</td></tr>`,
            )}</tbody></table></div>`
        : html`<p class="note">Nobody has asked in this time.</p>`}
    </section>`;
  }

  reasons() {
    /** @type {Map<string, number>} */
    const all = new Map();
    for (const figures of this.figures) {
      for (const [reason, n] of Object.entries(figures.refused)) {
        all.set(reason, (all.get(reason) ?? 0) + n);
      }
    }
    const top = [...all].sort((a, b) => b[1] - a[1]).slice(0, 6);
    const most = top[0]?.[1] ?? 1;
    return html`<section class="card third">
      <header class="card-head"><h2>Refused for</h2><a href="#/refusals">All refusals</a></header>
      ${top.length
        ? html`<div class="scroll"><table>
            <thead><tr><th scope="col">Reason</th><th scope="col" class="num">Requests</th></tr></thead>
            <tbody>${top.map(
              ([reason, n]) => html`<tr><th scope="row">${words(reason)}${this.bar(n, most)}</th><td class="num">${count(n)}</td></tr>`,
            )}</tbody></table></div>`
        : html`<p class="note">Nothing was refused in this time.</p>`}
    </section>`;
  }

  /** @param {number} value @param {number} most */
  bar(value, most) {
    return html`<svg class="bar" viewBox="0 0 100 4" preserveAspectRatio="none" aria-hidden="true"><rect width=${percent(value, most)} height="4"></rect></svg>`;
  }

  latest() {
    const latest = live.refusals.slice(0, 6);
    return html`<section class="card two-thirds">
      <header class="card-head"><h2>Refused last</h2><a href="#/refusals">Live tail</a></header>
      ${latest.length
        ? html`<div class="scroll" tabindex="0" role="region" aria-label="Refused last"><table>
            <thead><tr><th scope="col">Time</th><th scope="col">Reason</th><th scope="col">User</th><th scope="col">Request</th></tr></thead>
            <tbody>${latest.map(
              (each) => html`<tr><td class="nowrap">${time(each.time)}</td><td class="nowrap">${words(each.reason)}</td>
                <td class="nowrap">${this.names.link(each.user)}</td>
                <td class="path">${each.method} ${each.path}</td></tr>`,
            )}</tbody></table></div>`
        : html`<p class="note">Nothing was refused while this page was open.</p>`}
    </section>`;
  }
}

customElements.define('gh-overview', Overview);
