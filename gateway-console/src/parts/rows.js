import { html, nothing } from 'lit';
import { Element } from '../element.js';
import { numberOr } from './common.js';

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
 * stays a text, for the API to say what is wrong with it. With `absent`, there may be no list at all, which is not the same
 * as an empty one: `value` is null then.
 */
class Rows extends Element {
  static properties = {
    columns: { attribute: false },
    start: { attribute: false },
    fresh: { attribute: false },
    absent: {},
    label: {},
    missing: { state: true },
    rows: { state: true },
  };

  constructor() {
    super();
    /** @type {Column[]} */
    this.columns = [];
    /** @type {Record<string, any>[] | null} what is there before something is typed; null: no list */
    this.start = [];
    /** What it means that there is no list; empty: there is always one. */
    this.absent = '';
    /** What they are, for ears. */
    this.label = '';
    this.missing = false;
    /** @type {Record<string, any>[]} */
    this.rows = [];
    /** @type {Record<string, any>} */
    this.fresh = {};
  }

  /** @param {Map<string, unknown>} changed */
  willUpdate(changed) {
    if (changed.has('start')) {
      this.rows = this.start ?? [];
      this.missing = this.start === null;
    }
  }

  get value() {
    return this.missing ? null : this.list;
  }

  get list() {
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
    const add = `Add a row${this.label ? `: ${this.label}` : ''}`;
    const absent = this.absent
      ? html`<label class="check"><input type="checkbox" .checked=${this.missing}
          @change=${(/** @type {any} */ e) => (this.missing = e.target.checked)}>${this.absent}</label>`
      : nothing;
    return this.missing ? absent : html`${absent}
      ${this.rows.length
        ? html`<div class="scroll"><table class="editor">
            <thead><tr>${this.columns.map((each) => html`<th scope="col">${each.label}</th>`)}<th scope="col"><span class="sr-only">Deeds</span></th></tr></thead>
            <tbody>${this.rows.map(
              (row, i) => html`<tr>${this.columns.map((column) => html`<td>${this.cell(row, i, column)}</td>`)}
                <td><button type="button" class="small" aria-label="Take out row ${i + 1}${this.label ? `: ${this.label}` : ''}" @click=${() => (this.rows = this.rows.filter((_, at) => at !== i))}>✕</button></td></tr>`,
            )}</tbody></table></div>`
        : html`<p class="note">None.</p>`}
      <p><button type="button" class="small" aria-label=${add} @click=${() => (this.rows = [...this.rows, { ...this.fresh }])}>Add a row</button></p>
    `;
  }

  /** @param {Record<string, any>} row @param {number} i @param {Column} column */
  cell(row, i, { name, label, type, choices }) {
    const title = `${label}, row ${i + 1}${this.label ? `: ${this.label}` : ''}`;
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
  return type === 'number' ? numberOr(text) : text;
}

customElements.define('gh-rows', Rows);
