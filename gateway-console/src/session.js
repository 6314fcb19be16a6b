// Who uses the console. The token is kept for this tab only, and is gone when the tab is closed.

const TOKEN = 'gatehouse.token';

/** Told on `session` when somebody has signed in or out. */
export const session = new EventTarget();

/** @returns {string | null} */
export function token() {
  return sessionStorage.getItem(TOKEN);
}

/** @param {string} value */
export function signIn(value) {
  sessionStorage.setItem(TOKEN, value);
  session.dispatchEvent(new Event('change'));
}

export function signOut() {
  sessionStorage.removeItem(TOKEN);
  session.dispatchEvent(new Event('change'));
}
