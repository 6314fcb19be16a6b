import { html, nothing } from 'lit';
import { tellAddress } from '../address.js';
import { get } from '../api.js';
import { Element } from '../element.js';
import { age, at } from '../format.js';
import { Names } from '../names.js';
import { addBlock, changeBlock, liftBlock } from '../parts/block-form.js';
import { problem, state } from '../parts/common.js';
import { may } from '../session.js';

/** @typedef {import('../parts/block-form.js').Block} Block */

const PAGE = 100;

/** By what the list can be narrowed: the parameter, what it is called, and its values. @type {[string, string, string[]][]} */
const FILTERS = [
  ['kind', 'Kind', ['network', 'country', 'key', 'user']],
  ['source', 'Made by', ['administrator', 'automatic']],
  ['enforcement', 'What it does', ['enforced', 'shadow']],
];

/** Who is kept out, and why. */
class Blocks extends Element {
  static properties = { query: {}, blocks: { state: true }, next: { state: true }, error: { state: true }, busy: { state: true } };

  constructor() {
    super();
    /** What the address says: the parameters of FILTERS. */
    this.query = '';
    /** @type {Block[] | null} */
    this.blocks = null;
    /** @type {string | null} */
    this.next = null;
    /** @type {unknown} */
    this.error = null;
    this.busy = false;
    this.names = new Names(this);
  }

  /** @param {Map<string, unknown>} changed */
  willUpdate(changed) {
    if (changed.has('query')) {
      this.load();
    }
  }

  /** @returns {Record<string, string>} what narrows the list */
  get narrowed() {
    const said = new URLSearchParams(this.query);
    return Object.fromEntries(FILTERS.map(([name, , values]) => [name, values.find((each) => each === said.get(name)) ?? '']));
  }

  load() {
    this.next = null;
    return this.read([]);
  }

  /** @param {Block[]} before those that were read already */
  async read(before) {
    const query = new URLSearchParams({ limit: String(PAGE), ...(this.next ? { after: this.next } : {}) });
    Object.entries(this.narrowed).filter(([, value]) => value).forEach(([name, value]) => query.set(name, value));
    this.busy = true;
    try {
      const page = await get(`/blocks?${query}`);
      this.blocks = [...before, ...page.blocks];
      this.next = page.next;
      this.error = null;
    } catch (error) {
      this.error = error;
    } finally {
      this.busy = false;
    }
  }

  /** @param {Block} block */
  async change(block) {
    try {
      await changeBlock(block, () => this.load());
    } catch (error) {
      await this.load();
      this.error = error; // it has ended, or was lifted, since it was listed
    }
  }

  render() {
    const { blocks, narrowed } = this;
    return html`
      <div class="page-head">
        <h1>Blocks</h1>
        <p class="note">Who is kept out, whatever else they may do: by administrators, or by the gateway itself for what they have done. Blocks that have ended are not listed.</p>
        ${may('addBlock')
          ? html`<button type="button" class="primary" @click=${() => addBlock({ kind: 'network', value: '', reason: '' }, () => this.load())}>Block somebody</button>`
          : nothing}
      </div>
      ${problem(this.error)}
      <section class="card">
        <header class="card-head tools">
          ${FILTERS.map(
            ([name, label, values]) => html`<select aria-label=${label}
              @change=${(/** @type {any} */ e) => (this.query = tellAddress({ ...narrowed, [name]: e.target.value }))}>
              <option value="">${label}: any</option>
              ${values.map((value) => html`<option value=${value} ?selected=${value === narrowed[name]}>${value}</option>`)}</select>`,
          )}
          <button type="button" ?disabled=${this.busy} @click=${this.load}>Read again</button>
        </header>
        ${blocks?.length
          ? html`<div class="scroll"><table class="rows">
              <thead><tr><th scope="col">Who</th><th scope="col">Kind</th><th scope="col">What it does</th><th scope="col">Why</th><th scope="col">By</th>
                <th scope="col">Since</th><th scope="col">Ends</th><th scope="col"><span class="sr-only">Deeds</span></th></tr></thead>
              <tbody>${blocks.map((block) => this.row(block))}</tbody></table></div>`
          : blocks
            ? html`<p class="note">${Object.values(narrowed).some(Boolean)
                ? html`No block is so. <a href="#/blocks">Show all</a>.`
                : 'Nobody is kept out. Begin in the shadow: it refuses nobody, and shows whom it would refuse.'}</p>`
            : this.error
              ? nothing
              : html`<p class="note">Reading…</p>`}
        ${this.next ? html`<p><button type="button" ?disabled=${this.busy} @click=${() => this.read(blocks ?? [])}>Read ${PAGE} more</button></p>` : nothing}
      </section>
    `;
  }

  /** @param {Block} block */
  row(block) {
    return html`<tr>
      <th scope="row" class="nowrap">${block.kind === 'user' ? this.names.link(block.value) : html`<code>${block.value}</code>`}</th>
      <td data-label="Kind">${block.kind}</td>
      <td>${block.enforcement === 'enforced' ? state('bad', 'refuses') : state('off', 'shadow')}</td>
      <td class="path">${block.reason || html`<span class="note">not said</span>`}</td>
      <td data-label="By">${block.source === 'automatic' ? html`the gateway <p class="note">${block.strikes === 1 ? 'the first time' : `${block.strikes} times in a row`}</p>` : 'administrators'}</td>
      <td class="nowrap" data-label="Since">${at(block.created_at)}</td>
      <td class="nowrap" data-label="Ends">${block.expires_at ? html`${at(block.expires_at)}<p class="note">${age(block.expires_at)}</p>` : 'never by itself'}</td>
      <td class="deeds">
        ${may('changeBlock') ? html`<button type="button" class="small" aria-label="Change the block of ${block.value}" @click=${() => this.change(block)}>Change</button>` : nothing}
        ${may('deleteBlock') ? html`<button type="button" class="small" aria-label="Lift the block of ${block.value}" @click=${() => liftBlock(block, () => this.load())}>Lift</button>` : nothing}
      </td></tr>`;
  }
}

customElements.define('gh-blocks', Blocks);
