import { html, nothing } from 'lit';
import { get } from '../api.js';
import { Element } from '../element.js';
import { problem } from '../parts/common.js';
import { editPlan } from '../parts/plan-form.js';
import { limitWords, quotaWords } from '../parts/rules.js';
import { may } from '../session.js';

/** @typedef {import('../parts/plan-form.js').Plan} Plan */

/** Named sets of limits, quotas, scopes and options. */
class Plans extends Element {
  static properties = { plans: { state: true }, error: { state: true } };

  constructor() {
    super();
    /** @type {Plan[] | null} */
    this.plans = null;
    /** @type {unknown} */
    this.error = null;
  }

  connectedCallback() {
    super.connectedCallback();
    this.load();
  }

  async load() {
    try {
      this.plans = (await get('/plans')).plans;
      this.error = null;
    } catch (error) {
      this.error = error;
    }
  }

  render() {
    const plans = this.plans;
    return html`
      <div class="page-head">
        <h1>Plans</h1>
        <p class="note">What users have in common. What they have of their own goes before their plan, and the plan before the configuration.</p>
        ${may('putPlan')
          ? html`<button type="button" class="primary" @click=${() => editPlan(null, (name) => (location.hash = `/plans/${name}`))}>Make a plan</button>`
          : nothing}
      </div>
      ${problem(this.error)}
      <section class="card">
        ${plans?.length
          ? html`<div class="scroll"><table class="rows">
              <thead><tr><th scope="col">Plan</th><th scope="col">Limits of each user</th><th scope="col">Quotas of each user</th><th scope="col">May</th>
                <th scope="col">On it</th></tr></thead>
              <tbody>${plans.map(
                (plan) => html`<tr>
                  <th scope="row"><a href="#/plans/${plan.name}">${plan.title || plan.name}</a>${plan.title ? html`<p class="note"><code>${plan.name}</code></p>` : nothing}</th>
                  <td data-label="Limits">${said(plan.limits.user, limitWords)}</td>
                  <td data-label="Quotas">${said(plan.quotas, quotaWords)}</td>
                  <td data-label="May">${plan.scopes.length ? plan.scopes.map((scope) => html`<p><code>${scope}</code></p>`) : 'everything'}</td>
                  <td><a href="#/users?plan=${plan.name}" aria-label="users on ${plan.title || plan.name}">users</a></td></tr>`,
              )}</tbody></table></div>`
          : plans
            ? html`<p class="note">There is none yet. Users without a plan have what the configuration says, and what they have of their own.</p>`
            : this.error
              ? nothing
              : html`<p class="note">Reading…</p>`}
      </section>
    `;
  }
}

/**
 * What a plan says of something, a line each.
 *
 * @template T
 * @param {T[] | null} list
 * @param {(each: T) => string} text
 */
function said(list, text) {
  if (list === null) {
    return html`<span class="note">as the configuration</span>`;
  }
  return list.length ? list.map((each) => html`<p>${text(each)}</p>`) : html`<span class="note">none</span>`;
}

customElements.define('gh-plans', Plans);
