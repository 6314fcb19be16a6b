import { html } from 'lit';
import { call, path } from '../api.js';
import { fieldOf, problem, say } from '../parts/common.js';
import { ask } from '../parts/dialog.js';
import { UserCard } from './card.js';

/** From where a user may call. */
class Networks extends UserCard {
  static properties = { ...UserCard.properties, networks: { state: true } };

  constructor() {
    super();
    /** @type {string[] | null} */
    this.networks = null;
    /** @type {string | null} */
    this.etag = null;
  }

  async read() {
    this.take(await call('GET', path`/users/${this.user}/whitelist`));
  }

  /** @param {{data: any, etag: string | null}} answer */
  take({ data, etag }) {
    this.networks = data.networks;
    this.etag = etag;
  }

  edit() {
    ask({
      title: 'Networks',
      body: html`<label class="field">From where they may call: one address or network a line; nothing: from everywhere
        <textarea name="networks" rows="8" spellcheck="false" placeholder="10.0.0.0/8" .value=${this.networks?.join('\n') ?? ''}></textarea></label>`,
      yes: 'Keep',
      action: async (form) => {
        const networks = fieldOf(form, 'networks').split(/\s+/).filter(Boolean);
        this.take(await call('PUT', path`/users/${this.user}/whitelist`, { networks }, { etag: this.etag }));
        say('The networks were changed.');
      },
    });
  }

  render() {
    const networks = this.networks;
    return html`
      <header class="card-head"><h2>Networks</h2><button type="button" class="small" aria-label="Change the networks" ?disabled=${!networks} @click=${this.edit}>Change</button></header>
      ${problem(this.error)}
      ${networks?.length
        ? html`<ul>${networks.map((each) => html`<li><code>${each}</code></li>`)}</ul>`
        : html`<p class="note">${networks ? 'They may call from everywhere.' : 'Reading…'}</p>`}
    `;
  }
}

customElements.define('gh-networks', Networks);
