// What somebody likes, kept in this browser.

const THEME = 'gatehouse.theme';
const SHORTCUTS = 'gatehouse.shortcuts';

/** Told on `change`. */
export const preferences = new EventTarget();

/** @returns {'system' | 'light' | 'dark'} */
export function theme() {
  const kept = localStorage.getItem(THEME);
  return kept === 'light' || kept === 'dark' ? kept : 'system';
}

/** @param {'system' | 'light' | 'dark'} value */
export function setTheme(value) {
  localStorage.setItem(THEME, value);
  showTheme();
}

export function showTheme() {
  document.documentElement.dataset.theme = theme();
  preferences.dispatchEvent(new Event('change'));
}

matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () =>
  preferences.dispatchEvent(new Event('change')),
);

/** Whether single letters are commands (WCAG 2.1.4 wants them to be able to be switched off). */
export const shortcuts = () => localStorage.getItem(SHORTCUTS) !== 'off';

/** @param {boolean} on */
export function setShortcuts(on) {
  localStorage.setItem(SHORTCUTS, on ? 'on' : 'off');
  preferences.dispatchEvent(new Event('change'));
}
