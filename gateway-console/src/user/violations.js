import { html } from 'lit';
import { get, path } from '../api.js';
import { count, words } from '../format.js';
import { problem } from '../parts/common.js';
import { UserCard } from './card.js';

/** What was refused to a user in the last day, by reason, rule and key. */
class Violations extends UserCard {
  static properties = { ...UserCard.properties, rows: { state: true } };

  constructor() {
    super();
    /** @type {{reason: string, rule: string, key: string, count: number}[] | null} */
    this.rows = null;
  }

  async read() {
    const from = new Date(Date.now() - 24 * 3600_000).toISOString();
    const { violations } = await get(path`/users/${this.user}/violations?from=${from}`);
    /** @type {Map<string, {reason: string, rule: string, key: string, count: number}>} */
    const sums = new Map();
    for (const each of violations) {
      const name = `${each.reason} ${each.rule} ${each.key}`;
      const sum = sums.get(name) ?? { ...each, count: 0 };
      sum.count += each.count;
      sums.set(name, sum);
    }
    this.rows = [...sums.values()].sort((a, b) => b.count - a.count);
  }

  render() {
    return html`
      <header class="card-head"><h2>Refused in the last 24 hours</h2>
        <button type="button" class="small" aria-label="Read again: refusals" ?disabled=${this.busy} @click=${this.load}>Read again</button></header>
      ${problem(this.error)}
      ${this.rows?.length
        ? html`<div class="scroll"><table class="rows">
            <thead><tr><th scope="col">Reason</th><th scope="col">Rule</th><th scope="col">Key</th><th scope="col" class="num">Requests</th></tr></thead>
            <tbody>${this.rows.map(
              (row) => html`<tr><th scope="row">${words(row.reason)}</th><td>${row.rule ? html`<code>${row.rule}</code>` : html`<span class="note">none</span>`}</td>
                <td><code>${row.key}</code></td><td class="num" data-label="Requests">${count(row.count)}</td></tr>`,
            )}</tbody></table></div>`
        : html`<p class="note">${this.rows ? 'Nothing.' : 'Reading…'}</p>`}
    `;
  }
}

customElements.define('gh-violations', Violations);
