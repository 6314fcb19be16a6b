import { html, nothing } from 'lit';
import { call, get, path } from '../api.js';
import { Element } from '../element.js';
import { amount, at, words } from '../format.js';
import { may } from '../session.js';
import { meter, problem, say } from './common.js';
import { ask } from './dialog.js';
import { FRESH_QUOTA, KEY_QUOTA_COLUMNS, QUOTA_HELP, quotaWords } from './rules.js';
import './rows.js';

/**
 * @typedef {import('../forecast.js').Usage} Usage
 * @typedef {import('./rules.js').Quota} Quota
 */

/** How much a key may use besides what its user may, and how much of that is left. */
class KeyQuotas extends Element {
  static properties = { owner: {}, quotas: { state: true }, usage: { state: true }, error: { state: true } };

  constructor() {
    super();
    this.owner = '';
    /** @type {Quota[] | null} */
    this.quotas = null;
    /** @type {string | null} */
    this.etag = null;
    /** @type {Usage[]} */
    this.usage = [];
    /** @type {unknown} */
    this.error = null;
  }

  /** @param {Map<string, unknown>} changed */
  willUpdate(changed) {
    if (changed.has('owner') && this.owner) {
      this.quotas = null;
      this.load();
    }
  }

  async load() {
    try {
      const [quotas, usage] = await Promise.all([
        call('GET', path`/keys/${this.owner}/quotas`),
        get(path`/keys/${this.owner}/usage`),
      ]);
      this.quotas = quotas.data.quotas;
      this.etag = quotas.etag;
      this.usage = usage.usage;
      this.error = null;
    } catch (error) {
      this.error = error;
    }
  }

  edit() {
    ask({
      title: 'Quotas of this key',
      wide: true,
      body: html`<p class="note">${QUOTA_HELP} A request has to fit into these and into those of the user.</p>
        <gh-rows .columns=${KEY_QUOTA_COLUMNS} .start=${this.quotas ?? []} .fresh=${FRESH_QUOTA}></gh-rows>`,
      yes: 'Keep',
      action: async (form) => {
        const quotas = /** @type {any} */ (form.querySelector('gh-rows')).value;
        await call('PUT', path`/keys/${this.owner}/quotas`, { quotas }, { etag: this.etag });
        say('The quotas of the key were changed.');
        await this.load();
      },
      again: () => this.load().then(() => this.edit()),
    });
  }

  lift() {
    ask({
      title: 'Take all quotas away?',
      body: html`<p>The quotas of this key are forgotten; those of its user go on.</p>`,
      yes: 'Take away',
      danger: true,
      action: async () => {
        await call('DELETE', path`/keys/${this.owner}/quotas`, undefined, { etag: this.etag });
        say('The quotas of the key are forgotten.');
        await this.load();
      },
      again: () => this.load(),
    });
  }

  /** @param {Usage} usage */
  anew(usage) {
    ask({
      title: 'Begin to count anew?',
      body: html`<p>${words(usage.meter)} of this ${usage.window} go back to zero for this key, on all nodes within a second.</p>`,
      yes: 'Begin anew',
      danger: true,
      action: async () => {
        await call('POST', path`/keys/${this.owner}/quotas/reset`, { meter: usage.meter, window: usage.window });
        say('It counts from zero.');
        await this.load();
      },
    });
  }

  render() {
    const { quotas } = this;
    return html`
      <header class="card-head"><h2>Quotas</h2>
        ${quotas?.length && may('liftKeyQuotas') ? html`<button type="button" class="small" @click=${this.lift}>Take all away</button>` : nothing}
        <button type="button" class="small" aria-label="Read again: quotas of the key" @click=${this.load}>Read again</button>
        ${may('replaceKeyQuotas')
          ? html`<button type="button" class="small" aria-label="Change the quotas of the key" ?disabled=${!quotas} @click=${this.edit}>Change</button>`
          : nothing}</header>
      ${problem(this.error)}
      ${quotas
        ? html`<p class="note">${quotas.length
              ? `Besides those of the user: ${quotas.map(quotaWords).join('; ')}.`
              : 'None: what its user may use is all that counts.'}</p>
            <div class="bars">${this.usage.filter((each) => each.most !== null).map((each) => this.bar(each))}</div>`
        : this.error ? nothing : html`<p class="note">Reading…</p>`}
    `;
  }

  /** @param {Usage} usage */
  bar(usage) {
    const most = /** @type {number} */ (usage.most);
    const text = `${amount(usage.used, usage.meter)} of ${amount(most, usage.meter)}`;
    const name = `${words(usage.meter)} / ${usage.window}`;
    return html`<div>
      <p class="bar-head"><b>${name}</b><span>${text}
        ${usage.resets_at && may('beginKeyAnew') ? html`<button type="button" class="quiet small" aria-label="Begin anew: ${name}" @click=${() => this.anew(usage)}>Begin anew</button>` : nothing}</span></p>
      ${meter(`${name}, used`, usage.used, most, text)}
      ${usage.resets_at ? html`<p class="note">It begins anew on ${at(usage.resets_at)}.</p>` : nothing}
    </div>`;
  }
}

customElements.define('gh-key-quotas', KeyQuotas);
