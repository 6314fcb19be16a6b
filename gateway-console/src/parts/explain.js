import { html, nothing } from 'lit';
import { words } from '../format.js';
import { state } from './common.js';

/**
 * @typedef {object} Rule
 * @property {string} policy
 * @property {number} limit
 * @property {number} remaining
 * @property {number} reset_after
 * @property {boolean} refuses
 * @property {boolean} shadow
 *
 * @typedef {object} Explanation
 * @property {string} verdict
 * @property {string} code
 * @property {number | null} retry_after
 * @property {{gate: string, verdict: string, rule: string | null, detail: string, rules?: Rule[]}[]} gates
 */

/**
 * What each gate says of a request.
 *
 * @param {Explanation} explanation
 */
export function explained(explanation) {
  const passes = explanation.verdict === 'pass';
  return html`
    <p>${passes ? state('good', 'would pass now') : state('bad', `would be refused now: ${words(explanation.code)}`)}
      ${explanation.retry_after ? html` <span class="note">Waiting ${explanation.retry_after} s helps.</span>` : nothing}</p>
    <ol class="gates">
      ${explanation.gates.map(
        (gate) => html`<li>
          ${state(gate.verdict === 'refuse' ? 'bad' : gate.verdict === 'pass' ? 'good' : 'off', html`<b>${words(gate.gate)}</b>`)}
          <span class="sr-only">${words(gate.verdict)}.</span> ${gate.detail}
          ${gate.rules?.map(
            (rule) => html`<p class="note">${rule.policy}: ${rule.remaining} of ${rule.limit} left${rule.shadow ? ', in the shadow' : ''}${rule.refuses ? ', refuses' : ''}</p>`,
          )}
        </li>`,
      )}
    </ol>`;
}
