import { Element } from '../element.js';

/**
 * A card of what belongs to one user. It reads anew when the user is another one; what goes wrong with that is in
 * `error`.
 */
export class UserCard extends Element {
  static properties = { user: {}, error: { state: true }, busy: { state: true } };

  constructor() {
    super();
    this.user = '';
    /** @type {unknown} */
    this.error = null;
    this.busy = false;
  }

  /** @param {Map<string, unknown>} changed */
  willUpdate(changed) {
    if (changed.has('user') && this.user) {
      this.load();
    }
  }

  /** Reads what the card shows. */
  async read() {}

  async load() {
    await this.attempt(() => this.read());
  }

  /**
   * Does something, keeps what went wrong, and says whether it went well.
   *
   * @param {() => Promise<unknown>} deed
   */
  async attempt(deed) {
    this.busy = true;
    try {
      await deed();
      this.error = null;
      return true;
    } catch (error) {
      this.error = error;
      return false;
    } finally {
      this.busy = false;
    }
  }
}
