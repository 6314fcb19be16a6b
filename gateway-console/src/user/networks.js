import { html, nothing } from 'lit';
import { call, path } from '../api.js';
import { linesOf, problem, say } from '../parts/common.js';
import { ask } from '../parts/dialog.js';
import { may } from '../session.js';
import { UserCard } from './card.js';

/**
 * What the two lists are about, by their names in the API.
 *
 * @type {Record<string, {title: string, label: string, none: string, change: string}>}
 */
const LISTS = {
  whitelist: { title: 'Networks', label: 'From where they may call: one address or network a line; nothing: from everywhere', none: 'They may call from everywhere.', change: 'replaceNetworks' },
  denylist: { title: 'Denied networks', label: 'From where they may not call, whatever else is said: one address or network a line', none: 'None.', change: 'replaceDenied' },
};

/** From where a user may call, or may not. */
class Networks extends UserCard {
  static properties = { ...UserCard.properties, list: {}, networks: { state: true } };

  constructor() {
    super();
    this.list = 'whitelist';
    /** @type {string[] | null} */
    this.networks = null;
    /** @type {string | null} */
    this.etag = null;
  }

  async read() {
    this.take(await call('GET', path`/users/${this.user}/${this.list}`));
  }

  /** @param {{data: any, etag: string | null}} answer */
  take({ data, etag }) {
    this.networks = data.networks;
    this.etag = etag;
  }

  edit() {
    ask({
      title: LISTS[this.list].title,
      body: html`<label class="field">${LISTS[this.list].label}
        <textarea name="networks" rows="8" spellcheck="false" placeholder="10.0.0.0/8" .value=${this.networks?.join('\n') ?? ''}></textarea></label>`,
      yes: 'Keep',
      action: async (form) => {
        const networks = linesOf(form, 'networks');
        this.take(await call('PUT', path`/users/${this.user}/${this.list}`, { networks }, { etag: this.etag }));
        say('The networks were changed.');
      },
      again: () => this.load().then(() => this.edit()),
    });
  }

  render() {
    const networks = this.networks;
    const { title, none, change } = LISTS[this.list];
    return html`
      <header class="card-head"><h2>${title}</h2>${may(change)
        ? html`<button type="button" class="small" aria-label="Change: ${title}" ?disabled=${!networks} @click=${this.edit}>Change</button>`
        : nothing}</header>
      ${problem(this.error)}
      ${networks?.length
        ? html`<ul>${networks.map((each) => html`<li><code>${each}</code></li>`)}</ul>`
        : html`<p class="note">${networks ? none : 'Reading…'}</p>`}
    `;
  }
}

customElements.define('gh-networks', Networks);
