// Small pieces that pages are made of.

import { html, nothing } from 'lit';
import { percent } from '../format.js';
import { ApiError } from '../api.js';

/**
 * What went wrong, with each field of the input that is to blame.
 *
 * @param {unknown} error
 */
export function problem(error) {
  if (!error) {
    return nothing;
  }
  const known = error instanceof ApiError ? error : new ApiError(0, 'Something went wrong', String(error));
  return html`<div class="problem" role="alert">
    <p><strong>${known.title}.</strong> ${known.message === known.title ? '' : known.message}</p>
    ${known.errors.length
      ? html`<ul>${known.errors.map(
          (each) => html`<li>${each.field ? html`<code>${each.field}</code> ` : ''}${each.detail}${each.hint ? ` (${each.hint})` : ''}${each.source
            ? html` <span class="place">${each.source}${each.line ? `:${each.line}` : ''}</span>`
            : nothing}</li>`,
        )}</ul>`
      : nothing}
  </div>`;
}

/** @type {Record<string, [string, string]>} */
const MARKS = {
  good: ['●', 'good'],
  warn: ['◐', 'warn'],
  bad: ['✕', 'bad'],
  off: ['○', 'off'],
};

/**
 * A state: a sign, a colour and a word, so that each of them can be missed.
 *
 * @param {'good' | 'warn' | 'bad' | 'off'} kind
 * @param {unknown} text
 */
export function state(kind, text) {
  const [mark, name] = MARKS[kind];
  return html`<span class="state ${name}"><span aria-hidden="true">${mark}</span> ${text}</span>`;
}

/**
 * How a backend is, in a word.
 *
 * @param {{state: string, health: string, breaker: string, share: number}} backend
 */
export function backendState(backend) {
  if (backend.state !== 'enabled') {
    return state('off', backend.state);
  }
  if (backend.health === 'unhealthy') {
    return state('bad', 'unhealthy');
  }
  if (backend.breaker === 'open') {
    return state('bad', 'ejected');
  }
  if (backend.breaker === 'half_open') {
    return state('warn', 'on trial');
  }
  if (backend.health === 'unchecked') {
    return state('warn', 'unchecked');
  }
  return backend.share < 100 ? state('warn', `warming up, ${backend.share} %`) : state('good', 'healthy');
}

/**
 * How much of something is used, as a bar.
 *
 * @param {string} label
 * @param {number} used
 * @param {number} most
 * @param {string} text what the bar says, in words
 */
export function meter(label, used, most, text) {
  const share = percent(used, most);
  const kind = share >= 95 ? 'bad' : share >= 75 ? 'warn' : 'good';
  return html`<svg class="meter ${kind}" viewBox="0 0 100 8" preserveAspectRatio="none" role="meter" aria-label=${label}
      aria-valuemin="0" aria-valuemax="100" aria-valuenow=${Math.round(share)} aria-valuetext=${text}>
    <rect class="track" width="100" height="8"></rect><rect class="fill" width=${share} height="8"></rect>
  </svg>`;
}

/** The value of a field of a form, without blanks around it. @param {HTMLFormElement} form @param {string} name */
export function fieldOf(form, name) {
  return String(new FormData(form).get(name) ?? '').trim();
}

/** What was typed, as a number if it is one: what is none is for the API to refuse. @param {string} text */
export const numberOr = (text) => (/^-?\d+$/.test(text) ? Number(text) : text);

/**
 * A list that was typed, one thing a line.
 *
 * @param {HTMLFormElement} form
 * @param {string} name
 */
export const linesOf = (form, name) => fieldOf(form, name).split('\n').map((line) => line.trim()).filter(Boolean);

/**
 * Copies a text.
 *
 * @param {string} text
 * @returns {Promise<boolean>} whether it could be done: browsers allow it to secure pages only
 */
export async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}

/**
 * Says something in passing, to eyes and ears.
 *
 * @param {string} text
 */
export function say(text) {
  document.dispatchEvent(new CustomEvent('gh-say', { detail: text }));
}
