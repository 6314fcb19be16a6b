import { html } from 'lit';
import { may, who } from './session.js';
import './pages/overview.js';
import './pages/refusals.js';
import './pages/usage.js';
import './pages/users.js';
import './pages/user.js';
import './pages/key.js';
import './pages/tenant.js';
import './pages/plans.js';
import './pages/plan.js';
import './pages/blocks.js';
import './pages/backends.js';
import './pages/routes.js';
import './pages/audit.js';
import './pages/administrators.js';
import './pages/settings.js';

/**
 * The pages: each is a file of its own below pages/ and one entry here.
 *
 * @typedef {object} Page
 * @property {string} name
 * @property {string} path
 * @property {string} key the letter that opens it, after g
 * @property {string} operation of the API that it cannot do without
 * @property {() => boolean} [listed] whether it is in the navigation for who has signed in; otherwise for whoever may
 * @property {(rest: string, query: URLSearchParams) => unknown} render rest: what follows the path of the page, without
 *     a slash
 */

/** @type {Page[]} */
export const pages = [
  { name: 'Overview', path: '/overview', key: 'o', operation: 'watch', render: () => html`<gh-overview></gh-overview>` },
  {
    name: 'Refusals',
    path: '/refusals',
    key: 'r',
    operation: 'watch',
    render: (_, query) => html`<gh-refusals .query=${query.toString()}></gh-refusals>`,
  },
  {
    name: 'Usage',
    path: '/usage',
    key: 'h',
    operation: 'showHistory',
    render: (id, query) => html`<gh-usage .user=${id} .query=${query.toString()}></gh-usage>`,
  },
  {
    name: 'Users',
    path: '/users',
    key: 'u',
    operation: 'listUsers',
    render: (id, query) =>
      id ? html`<gh-user .user=${id}></gh-user>` : html`<gh-users .query=${query.toString()}></gh-users>`,
  },
  {
    name: 'Key',
    path: '/keys',
    key: 'y',
    operation: 'showKey',
    listed: () => false,
    render: (id) => html`<gh-key .of=${id}></gh-key>`,
  },
  {
    name: 'Tenant',
    path: '/tenants',
    key: 'n',
    operation: 'showTenantLimits',
    listed: () => Boolean(who()?.tenant),
    render: (name) => html`<gh-tenant .tenant=${name || (who()?.tenant ?? '')}></gh-tenant>`,
  },
  {
    name: 'Plans',
    path: '/plans',
    key: 'p',
    operation: 'listPlans',
    render: (name) => (name ? html`<gh-plan .plan=${name}></gh-plan>` : html`<gh-plans></gh-plans>`),
  },
  {
    name: 'Blocks',
    path: '/blocks',
    key: 'k',
    operation: 'listBlocks',
    render: (_, query) => html`<gh-blocks .query=${query.toString()}></gh-blocks>`,
  },
  { name: 'Backends', path: '/backends', key: 'b', operation: 'listBackends', render: () => html`<gh-backends></gh-backends>` },
  { name: 'Routes', path: '/routes', key: 'w', operation: 'listRoutes', render: () => html`<gh-routes></gh-routes>` },
  {
    name: 'Audit',
    path: '/audit',
    key: 'a',
    operation: 'listChanges',
    render: (_, query) => html`<gh-audit .query=${query.toString()}></gh-audit>`,
  },
  {
    name: 'Administrators',
    path: '/administrators',
    key: 'm',
    operation: 'listAdministrators',
    render: () => html`<gh-administrators></gh-administrators>`,
  },
  {
    name: 'Settings',
    path: '/settings',
    key: 's',
    operation: 'showSettings',
    render: (_, query) => html`<gh-settings .query=${query.toString()}></gh-settings>`,
  },
];

/** Those that the navigation shows to who has signed in. */
export const listed = () => pages.filter((page) => may(page.operation) && (page.listed?.() ?? true));

/**
 * The page that an address leads to; the first that may be seen when it leads to none.
 *
 * @param {string} address what follows the #, `/users/01M8?by=day`
 */
export function pageAt(address) {
  const [path, query = ''] = address.split('?', 2);
  const page = pages.find((each) => path === each.path || path.startsWith(`${each.path}/`));
  return {
    page: page ?? listed()[0],
    rest: page ? decoded(path.slice(page.path.length + 1)) : '',
    query: new URLSearchParams(query),
  };
}

/** @param {string} text */
function decoded(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text; // typed by hand; the API will say that there is nothing of this name
  }
}
