// Who uses the console, and what they may do. The token is kept for this tab only, and is gone when the tab is closed.

const TOKEN = 'gatehouse.token';

/**
 * @typedef {object} Myself as `/me` tells it
 * @property {string} id
 * @property {string} name
 * @property {string} role
 * @property {string | null} tenant
 * @property {string[]} operations
 */

/** Told on `change` when somebody has signed in or out, or it is known who they are. */
export const session = new EventTarget();

/** @type {Myself | null} */
let myself = null;

/** @returns {string | null} */
export function token() {
  return sessionStorage.getItem(TOKEN);
}

/** Who has signed in; null when nobody has, and until it is known. */
export const who = () => myself;

/**
 * Whether the one who has signed in may use an operation of the API. Only so that nobody is offered what would be
 * refused: the gateway asks again.
 *
 * @param {string} operation its id
 */
export const may = (operation) => myself?.operations.includes(operation) ?? false;

/** @param {Myself} known */
export function become(known) {
  myself = known;
  changed();
}

/** @param {string} value @param {Myself} known */
export function signIn(value, known) {
  sessionStorage.setItem(TOKEN, value);
  become(known);
}

export function signOut() {
  sessionStorage.removeItem(TOKEN);
  myself = null;
  changed();
}

function changed() {
  session.dispatchEvent(new Event('change'));
}
