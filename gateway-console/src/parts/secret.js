import { html } from 'lit';
import { copy } from './common.js';
import { ask } from './dialog.js';

/**
 * Shows a secret, for the only time.
 *
 * @param {string} title
 * @param {string} label what it is
 * @param {string} secret
 */
export async function hand(title, label, secret) {
  await ask({
    title,
    body: html`<p>This is the only time that it is shown. Copy it now.</p>
      <div class="secret">
        <input readonly aria-label=${label} .value=${secret} @focus=${(/** @type {any} */ e) => e.target.select()}>
        <button type="button" @click=${async (/** @type {any} */ e) => {
          const field = /** @type {HTMLInputElement} */ (e.target.previousElementSibling);
          field.select();
          e.target.textContent = (await copy(secret)) ? 'Copied' : 'Press Ctrl+C';
        }}>Copy</button>
      </div>`,
  });
}
