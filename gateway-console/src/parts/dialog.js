import { html, nothing } from 'lit';
import { ApiError } from '../api.js';
import { Element } from '../element.js';
import { fieldOf, problem } from './common.js';

/**
 * A question with a form: stays open with what is wrong until `action` has succeeded. Shown by {@link ask}.
 *
 * @typedef {object} Question
 * @property {string} title
 * @property {unknown} [body] what the form holds
 * @property {string} [yes] what the button says; without it there is only one to close
 * @property {boolean} [danger]
 * @property {boolean} [wide]
 * @property {string} [typed] what has to be typed before the button works
 * @property {(form: HTMLFormElement) => Promise<unknown>} [action]
 * @property {() => unknown} [again] asks the same anew, of what is there now; for when somebody else has changed it
 */
class Dialog extends Element {
  static properties = {
    question: { attribute: false },
    error: { state: true },
    busy: { state: true },
  };

  constructor() {
    super();
    /** @type {Question | null} */
    this.question = null;
    /** @type {unknown} */
    this.error = null;
    this.busy = false;
    /** @type {(done: boolean) => void} */
    this.answered = () => {};
    this.done = false;
  }

  /** @returns {HTMLDialogElement} */
  get box() {
    return /** @type {HTMLDialogElement} */ (this.querySelector('dialog'));
  }

  /**
   * @param {Question} question
   * @returns {Promise<boolean>} whether its action has succeeded
   */
  async show(question) {
    this.box?.close();
    this.end();
    this.question = question;
    this.error = null;
    this.done = false;
    await this.updateComplete;
    this.box.showModal();
    return new Promise((answered) => (this.answered = answered));
  }

  /** @param {SubmitEvent} event */
  async submit(event) {
    event.preventDefault();
    const form = /** @type {HTMLFormElement} */ (event.target);
    const question = this.question;
    if (!question?.action || this.busy) {
      this.box.close();
      return;
    }
    if (question.typed && fieldOf(form, 'typed') !== question.typed) {
      this.error = `Type ${question.typed} to go on.`;
      return;
    }
    this.busy = true;
    this.error = null;
    try {
      await question.action(form);
      this.done = true;
      this.box.close();
    } catch (error) {
      this.error = error;
    } finally {
      this.busy = false;
    }
  }

  /** The browser tells of a closing a moment later; another question may be open by then. */
  closed() {
    if (!this.box.open) {
      this.end();
    }
  }

  end() {
    this.question = null;
    this.answered(this.done);
    this.answered = () => {};
  }

  /** What can be done when somebody else has changed it in between. @param {Question} question */
  outdated(question) {
    if (!(question.again && this.error instanceof ApiError && this.error.outdated)) {
      return nothing;
    }
    return html`<p>Somebody else has changed it since it was read here. Nothing of theirs was overwritten, and what you have typed
        is only in this dialog.</p>
      <div class="actions"><button type="button" @click=${() => {
        this.box.close();
        question.again?.();
      }}>Begin again with what is there now</button></div>`;
  }

  render() {
    const question = this.question;
    return html`<dialog class=${question?.wide ? 'wide' : ''} aria-labelledby="dialog-title" @close=${this.closed}>
      ${question
        ? html`<form method="dialog" @submit=${this.submit}>
            <h2 id="dialog-title">${question.title}</h2>
            ${question.body ?? nothing}
            ${question.typed
              ? html`<label class="field">Type <code>${question.typed}</code> to go on
                  <input name="typed" autocomplete="off" spellcheck="false"></label>`
              : nothing}
            ${problem(this.error)} ${this.outdated(question)}
            <div class="actions">
              ${question.yes
                ? html`<button type="button" @click=${() => this.box.close()}>Cancel</button>
                    <button class=${question.danger ? 'danger' : 'primary'} ?disabled=${this.busy}>${question.yes}</button>`
                : html`<button class="primary">Close</button>`}
            </div>
          </form>`
        : nothing}
    </dialog>`;
  }
}

customElements.define('gh-dialog', Dialog);

/**
 * Asks, in the one dialog of the page.
 *
 * @param {Question} question
 */
export function ask(question) {
  return /** @type {Dialog} */ (document.querySelector('gh-dialog')).show(question);
}
