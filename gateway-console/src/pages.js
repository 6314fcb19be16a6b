import { html } from 'lit';
import './pages/overview.js';
import './pages/users.js';
import './pages/user.js';
import './pages/refusals.js';
import './pages/backends.js';
import './pages/audit.js';

/**
 * The pages: each is a file of its own below pages/ and one entry here.
 *
 * @typedef {object} Page
 * @property {string} name
 * @property {string} path
 * @property {string} key the letter that opens it, after g
 * @property {(rest: string) => unknown} render rest: what follows the path of the page, without a slash
 */

/** @type {Page[]} */
export const pages = [
  { name: 'Overview', path: '/overview', key: 'o', render: () => html`<gh-overview></gh-overview>` },
  {
    name: 'Users',
    path: '/users',
    key: 'u',
    render: (id) => (id ? html`<gh-user .user=${id}></gh-user>` : html`<gh-users></gh-users>`),
  },
  { name: 'Refusals', path: '/refusals', key: 'r', render: () => html`<gh-refusals></gh-refusals>` },
  { name: 'Backends', path: '/backends', key: 'b', render: () => html`<gh-backends></gh-backends>` },
  { name: 'Audit', path: '/audit', key: 'a', render: () => html`<gh-audit></gh-audit>` },
];

/**
 * The page that a path leads to; the first when it leads to none.
 *
 * @param {string} path
 */
export function pageAt(path) {
  const page = pages.find((each) => path === each.path || path.startsWith(`${each.path}/`)) ?? pages[0];
  return { page, rest: decodeURIComponent(path.slice(page.path.length + 1)) };
}
