// The API as docs/api.md describes it.

import { signOut, token } from './session.js';

/** Of an answer to a change that was meant for something else than what is there. */
const PRECONDITION_FAILED = 412;

/** @typedef {{field: string, detail: string, source?: string, line?: number, hint?: string}} Fault */

/** An error answer of the API, or the lack of any answer. */
export class ApiError extends Error {
  /**
   * @param {number} status 0 when there was no answer
   * @param {string} title
   * @param {string} detail
   * @param {Fault[]} errors what is wrong with each field
   */
  constructor(status, title, detail, errors = []) {
    super(detail || title);
    this.status = status;
    this.title = title;
    this.errors = errors;
  }

  /** Whether somebody else has changed it since it was read. */
  get outdated() {
    return this.status === PRECONDITION_FAILED;
  }
}

/**
 * Sends a request and gives what was answered.
 *
 * @param {string} method
 * @param {string} path below /api/v1, `/users`
 * @param {unknown} [body] sent as JSON
 * @param {{etag?: string | null, fresh?: boolean, token?: string}} [options] etag: change only what is still so; fresh:
 *     only make what is not there
 * @returns {Promise<{data: any, etag: string | null}>}
 */
export async function call(method, path, body, options = {}) {
  /** @type {Record<string, string>} */
  const headers = { Authorization: `Bearer ${options.token ?? token()}` };
  if (body !== undefined) {
    headers['Content-Type'] = 'application/json';
  }
  if (options.etag) {
    headers['If-Match'] = options.etag;
  }
  if (options.fresh) {
    headers['If-None-Match'] = '*';
  }
  /** @type {Response} */
  let response;
  try {
    response = await fetch(`/api/v1${path}`, {
      method,
      headers,
      body: body === undefined ? undefined : JSON.stringify(body),
      cache: 'no-store',
      credentials: 'omit',
      redirect: 'error',
    });
  } catch {
    throw new ApiError(0, 'No answer', 'The gateway does not answer. It may be stopped, or out of reach.');
  }
  if (response.status === 401 && options.token === undefined) {
    signOut();
  }
  if (!response.ok) {
    throw await errorOf(response);
  }
  return { data: response.status === 204 ? null : await response.json(), etag: response.headers.get('ETag') };
}

/** @param {Response} response */
export async function errorOf(response) {
  /** @type {any} */
  const problem = await response.json().catch(() => ({}));
  return new ApiError(
    response.status,
    problem.title ?? `Status ${response.status}`,
    problem.detail ?? '',
    problem.errors ?? [],
  );
}

/** @param {string} path */
export async function get(path) {
  return (await call('GET', path)).data;
}

/**
 * A path with what it names.
 *
 * @param {TemplateStringsArray} texts
 * @param {...string} values
 */
export function path(texts, ...values) {
  return texts.reduce((all, text, i) => all + encodeURIComponent(values[i - 1]) + text);
}
