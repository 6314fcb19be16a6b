import { html, nothing } from 'lit';
import uPlot from 'uplot';
import { Element } from '../element.js';
import { preferences } from '../preferences.js';

/**
 * @typedef {object} Series
 * @property {string} label
 * @property {string} color the name of a custom property, `--c1`
 * @property {number[]} [dash]
 * @property {boolean} [fill]
 */

const ROWS = 12;

/** @param {string} name of a custom property @param {Element} at */
function colorOf(name, at) {
  const probe = document.createElement('i');
  probe.style.color = `var(${name})`;
  at.append(probe);
  const color = getComputedStyle(probe).color;
  probe.remove();
  return color;
}

/** What stands below a line of the grid, when the lines are so many seconds apart. @param {number} seconds @param {number} step */
function moment(seconds, step) {
  const date = new Date(seconds * 1000);
  return step >= 86400
    ? date.toLocaleDateString('en-GB', { day: 'numeric', month: 'short' })
    : date.toLocaleTimeString('en-GB', { timeStyle: step < 60 ? 'medium' : 'short' });
}

/**
 * Lines over time: drawn, said in a sentence, and as a table for whoever asks. `data` is as uPlot has it: seconds first,
 * then the values of each series.
 */
class Chart extends Element {
  static properties = {
    label: {},
    series: { attribute: false },
    data: { attribute: false },
    summary: {},
    format: { attribute: false },
    when: { attribute: false },
    most: { attribute: false },
    table: { state: true },
  };

  constructor() {
    super();
    this.label = '';
    /** @type {Series[]} */
    this.series = [];
    /** @type {(number | null)[][]} */
    this.data = [];
    this.summary = '';
    /** @type {(value: number) => string} */
    this.format = String;
    /** @type {(seconds: number) => string} */
    this.when = (seconds) => new Date(seconds * 1000).toLocaleTimeString('en-GB');
    /** @type {number | null} what the vertical axis has to reach at least */
    this.most = null;
    this.table = false;
    /** @type {uPlot | null} */
    this.plot = null;
    /** @type {number | null} the point under the pointer */
    this.index = null;
    this.drawAnew = () => {
      this.drop();
      this.requestUpdate();
    };
    this.sizes = new ResizeObserver(() => this.fit());
  }

  connectedCallback() {
    super.connectedCallback();
    preferences.addEventListener('change', this.drawAnew);
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    preferences.removeEventListener('change', this.drawAnew);
    this.sizes.disconnect();
    this.drop();
  }

  drop() {
    this.plot?.destroy();
    this.plot = null;
  }

  /** @returns {HTMLElement | null} */
  get place() {
    return this.querySelector('.plot');
  }

  fit() {
    const place = this.place;
    if (place && this.plot && place.clientWidth > 0 && place.clientWidth !== this.plot.width) {
      this.plot.setSize({ width: place.clientWidth, height: place.clientHeight });
    }
  }

  updated() {
    const place = this.place;
    if (!place || this.table) {
      this.drop();
      return;
    }
    if (!this.plot) {
      this.plot = this.draw(place);
      this.sizes.observe(place);
    } else {
      this.plot.setData(/** @type {uPlot.AlignedData} */ (this.data));
    }
  }

  /** @param {HTMLElement} place */
  draw(place) {
    const ink = colorOf('--ink-2', this);
    const rule = colorOf('--line', this);
    const font = `12px ${getComputedStyle(this).fontFamily}`;
    const axis = { stroke: ink, font, grid: { stroke: rule, width: 1 }, ticks: { stroke: rule, width: 1 } };
    const most = this.most;
    return new uPlot(
      {
        width: place.clientWidth,
        height: place.clientHeight,
        legend: { show: false },
        cursor: { drag: { x: false, y: false }, points: { size: 6 } },
        padding: [8, 24, 0, 0],
        scales: { y: { range: (_, least, highest) => [Math.min(0, least ?? 0), Math.max(most ?? 1, (highest ?? 0) * 1.05)] } },
        axes: [
          { ...axis, size: 32, space: 84, values: (_, moments, __, ___, step) => moments.map((each) => moment(each, step)) },
          { ...axis, size: 64, values: (_, values) => values.map((value) => this.format(value)) },
        ],
        series: [
          {},
          ...this.series.map((each) => {
            const stroke = colorOf(each.color, this);
            return {
              label: each.label,
              stroke,
              width: 2,
              dash: each.dash,
              fill: each.fill ? stroke.replace('rgb(', 'rgba(').replace(')', ', 0.12)') : undefined,
              points: { show: false },
            };
          }),
        ],
        hooks: {
          setCursor: [
            (plot) => {
              const index = plot.cursor.idx ?? null;
              if (index !== this.index) {
                this.index = index;
                this.requestUpdate();
              }
            },
          ],
        },
      },
      /** @type {uPlot.AlignedData} */ (this.data),
      place,
    );
  }

  /** @param {number} series */
  valueOf(series) {
    const values = this.data[series + 1] ?? [];
    const value = this.index === null ? values.findLast((each) => each !== null) : values[this.index];
    return value === null || value === undefined ? '–' : this.format(value);
  }

  render() {
    const empty = !this.data[0]?.length;
    return html`
      <header class="card-head">
        <h2>${this.label}</h2>
        <button
          type="button"
          class="quiet small"
          aria-label="Table: ${this.label}"
          aria-pressed=${this.table}
          @click=${() => (this.table = !this.table)}
        >Table</button>
      </header>
      <ul class="legend">
        ${this.series.map(
          (each, i) => html`<li>
            <svg class="swatch ${each.color.slice(2)}" viewBox="0 0 18 4" aria-hidden="true">
              <line x1="0" y1="2" x2="18" y2="2" stroke-dasharray=${each.dash?.map((n) => n / 1.5).join(' ') ?? 'none'}></line>
            </svg>
            ${each.label} <b>${this.valueOf(i)}</b></li>`,
        )}
      </ul>
      ${this.table ? this.rows() : html`<div class="plot" role="img" aria-label="${this.label}. ${this.summary}"></div>`}
      <p class="note">${empty ? 'Nothing yet.' : this.summary}</p>
    `;
  }

  rows() {
    const xs = this.data[0] ?? [];
    const step = Math.max(1, Math.ceil(xs.length / ROWS));
    const chosen = xs.map((_, i) => i).filter((i) => (xs.length - 1 - i) % step === 0).reverse();
    return html`<div class="scroll" tabindex="0" role="region" aria-label="${this.label}, as a table">
      <table>
        <thead><tr><th scope="col">Time</th>${this.series.map((each) => html`<th scope="col" class="num">${each.label}</th>`)}</tr></thead>
        <tbody>
          ${chosen.map(
            (i) => html`<tr><th scope="row">${this.when(/** @type {number} */ (xs[i]))}</th>
              ${this.series.map((_, s) => {
                const value = this.data[s + 1][i];
                return html`<td class="num">${value === null || value === undefined ? '–' : this.format(value)}</td>`;
              })}</tr>`,
          )}
          ${chosen.length ? nothing : html`<tr><td colspan=${this.series.length + 1}>Nothing yet.</td></tr>`}
        </tbody>
      </table>
    </div>`;
  }
}

customElements.define('gh-chart', Chart);
