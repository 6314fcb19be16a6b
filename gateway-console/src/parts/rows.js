import { html, nothing } from 'lit';
import { Element } from '../element.js';

/**
 * @typedef {object} Column
 * @property {string} name of the field in the document
 * @property {string} label
 * @property {'number' | 'text' | 'choice' | 'boolean'} type
 * @property {string[]} [choices]
 * @property {boolean} [optional] an empty one is left out
 */

/**
 * A list of documents to be edited, one a row. `value` is the list as it stands; what was typed as a number and is none
 * stays a text, for the API to say what is wrong with it.
 */
class Rows extends Element {
  static properties = {
    columns: { attribute: false },
    start: { attribute: false },
    fresh: { attribute: false },
    rows: { state: true },
  };

  constructor() {
    super();
    /** @type {Column[]} */
    this.columns = [];
    /** @type {Record<string, any>[]} what is there before something is typed */
    this.start = [];
    /** @type {Record<string, any>[]} */
    this.rows = [];
    /** @type {Record<string, any>} */
    this.fresh = {};
  }

  /** @param {Map<string, unknown>} changed */
  willUpdate(changed) {
    if (changed.has('start')) {
      this.rows = this.start;
    }
  }

  get value() {
    return this.rows.map((row) => {
      /** @type {Record<string, any>} */
      const document = {};
      for (const { name, optional } of this.columns) {
        const value = row[name];
        if (!(optional && (value === '' || value === null || value === undefined))) {
          document[name] = value;
        }
      }
      return document;
    });
  }

  /** @param {number} index @param {string} name @param {any} value */
  set(index, name, value) {
    this.rows = this.rows.map((row, i) => (i === index ? { ...row, [name]: value } : row));
  }

  render() {
    return html`
      ${this.rows.length
        ? html`<div class="scroll"><table class="editor">
            <thead><tr>${this.columns.map((each) => html`<th scope="col">${each.label}</th>`)}<th scope="col"><span class="sr-only">Deeds</span></th></tr></thead>
            <tbody>${this.rows.map(
              (row, i) => html`<tr>${this.columns.map((column) => html`<td>${this.cell(row, i, column)}</td>`)}
                <td><button type="button" class="small" aria-label="Take out row ${i + 1}" @click=${() => (this.rows = this.rows.filter((_, at) => at !== i))}>✕</button></td></tr>`,
            )}</tbody></table></div>`
        : html`<p class="note">None.</p>`}
      <p><button type="button" class="small" @click=${() => (this.rows = [...this.rows, { ...this.fresh }])}>Add a row</button></p>
    `;
  }

  /** @param {Record<string, any>} row @param {number} i @param {Column} column */
  cell(row, i, { name, label, type, choices }) {
    const title = `${label}, row ${i + 1}`;
    if (type === 'boolean') {
      return html`<input type="checkbox" aria-label=${title} .checked=${Boolean(row[name])}
        @change=${(/** @type {any} */ e) => this.set(i, name, e.target.checked)}>`;
    }
    if (choices) {
      return html`<select aria-label=${title} @change=${(/** @type {any} */ e) => this.set(i, name, e.target.value)}>
        ${choices.map((each) => html`<option value=${each} ?selected=${each === row[name]}>${each}</option>`)}</select>`;
    }
    return html`<input aria-label=${title} autocomplete="off" inputmode=${type === 'number' ? 'numeric' : nothing} .value=${String(row[name] ?? '')}
      @input=${(/** @type {any} */ e) => this.set(i, name, typed(type, e.target.value.trim()))}>`;
  }
}

/** @param {string} type @param {string} text */
function typed(type, text) {
  return type === 'number' && /^-?\d+$/.test(text) ? Number(text) : text;
}

customElements.define('gh-rows', Rows);
