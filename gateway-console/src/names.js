// The names of users, of whom most lists know the ids only.

import { html } from 'lit';
import { get, path } from './api.js';

const MOST = 500;

/** @type {Map<string, Promise<string>>} */
const names = new Map();

/** @param {string} id */
function ask(id) {
  let name = names.get(id);
  if (!name) {
    if (names.size > MOST) {
      names.clear();
    }
    name = get(path`/users/${id}`).then(
      (user) => user.name,
      () => id,
    );
    names.set(id, name);
  }
  return name;
}

/** @param {{id: string, name: string}} user */
export function learnName(user) {
  names.set(user.id, Promise.resolve(user.name));
}

/** Forgets all: whoever signs in next may not know them. */
export const forgetNames = () => names.clear();

/** Names for the rows of an element, which is drawn anew when there are more. */
export class Names {
  /** @param {import('lit').ReactiveControllerHost} host */
  constructor(host) {
    this.host = host;
    /** @type {Map<string, string>} */
    this.known = new Map();
  }

  /**
   * The name of a user; their id until it is known, and when it cannot be had.
   *
   * @param {string} id
   */
  of(id) {
    const known = this.known.get(id);
    if (known !== undefined) {
      return known;
    }
    this.known.set(id, id);
    ask(id).then((name) => {
      this.known.set(id, name);
      this.host.requestUpdate();
    });
    return id;
  }

  /**
   * A link to a user.
   *
   * @param {string | null} id null: nobody was recognised
   */
  link(id) {
    return id ? html`<a href="#/users/${id}">${this.of(id)}</a>` : html`<span class="note">nobody known</span>`;
  }
}
