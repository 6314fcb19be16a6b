// What the node does this second, kept for the last ten minutes, for all pages.

import { signOut, token } from './session.js';
import { errorOf } from './api.js';

/**
 * @typedef {object} Backend
 * @property {string} url
 * @property {string} pool
 * @property {number} weight
 * @property {string} state
 * @property {string} health
 * @property {string} breaker
 * @property {boolean} usable
 * @property {number} share
 * @property {number} in_flight
 * @property {string | null} last_error
 *
 * @typedef {object} Figures
 * @property {string} time
 * @property {number} span_ms
 * @property {number} completed
 * @property {number} errors
 * @property {number} would_refuse
 * @property {number} refusals_left_out
 * @property {Record<string, number>} refused
 * @property {{p50: number, p95: number, p99: number} | null} latency_ms
 * @property {number} in_flight
 * @property {{pool: string, breaker: string}[]} pools
 * @property {Backend[]} backends
 * @property {{user: string, requests: number, refused: number}[]} users
 * @property {number} streams
 *
 * @typedef {object} Refusal
 * @property {number} number of this page, so that lists can tell them apart
 * @property {string} time
 * @property {string} reason
 * @property {string | null} rule
 * @property {string | null} user
 * @property {string | null} key
 * @property {string} client
 * @property {string} method
 * @property {string} path
 */

const MOST_FIGURES = 600;
const MOST_REFUSALS = 500;
const RETRY_MS = 2000;

/** Tells of `change` when the state or the figures have changed, and of `refusal` when there are more refusals. */
class Live extends EventTarget {
  constructor() {
    super();
    /** @type {'off' | 'connecting' | 'live' | 'lost'} */
    this.state = 'off';
    /** Why it is lost, for people. */
    this.why = '';
    /** @type {Figures[]} the oldest first */
    this.figures = [];
    /** @type {Refusal[]} the newest first */
    this.refusals = [];
    this.leftOut = 0;
    this.seen = 0;
    /** @type {AbortController | null} */
    this.running = null;
  }

  /** The latest figures, if there are any. */
  get now() {
    return this.figures.at(-1);
  }

  start() {
    if (!this.running) {
      this.running = new AbortController();
      this.run(this.running.signal);
    }
  }

  /** Stops, and forgets. */
  stop() {
    this.running?.abort();
    this.running = null;
    this.figures = [];
    this.refusals = [];
    this.leftOut = 0;
    this.become('off');
  }

  /** @param {AbortSignal} signal */
  async run(signal) {
    while (!signal.aborted) {
      if (this.state === 'off') {
        this.become('connecting');
      }
      try {
        await this.follow(signal);
        if (this.state === 'live') {
          continue; // a stream that has told something ends after a while in order
        }
      } catch (error) {
        this.why = error instanceof Error ? error.message : '';
      }
      if (signal.aborted) {
        this.become('off', this.why);
      } else {
        this.become('lost', this.why);
        await new Promise((done) => setTimeout(done, RETRY_MS));
      }
    }
  }

  /** @param {AbortSignal} signal */
  async follow(signal) {
    const response = await fetch('/api/v1/live', {
      headers: { Authorization: `Bearer ${token()}` },
      cache: 'no-store',
      credentials: 'omit',
      redirect: 'error',
      signal,
    });
    if (response.status === 401) {
      signOut();
    } else if (response.status === 403) {
      this.running?.abort(); // who may not look now may not look in two seconds either
    }
    if (!response.ok || !response.body) {
      throw await errorOf(response);
    }
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    let text = '';
    for (;;) {
      const { done, value } = await reader.read();
      if (done) {
        return;
      }
      const events = (text + value).split('\n\n');
      text = /** @type {string} */ (events.pop());
      events.forEach((event) => this.take(event));
    }
  }

  /** @param {string} event */
  take(event) {
    const lines = event.split('\n');
    const field = (/** @type {string} */ name) =>
      lines.find((line) => line.startsWith(`${name}: `))?.slice(name.length + 2);
    const data = field('data');
    if (!data) {
      return;
    }
    const content = JSON.parse(data);
    if (field('event') === 'figures') {
      this.figures.push(content);
      this.figures.splice(0, this.figures.length - MOST_FIGURES);
      this.leftOut += content.refusals_left_out;
      this.become('live');
    } else if (field('event') === 'refusal') {
      this.refusals.unshift({ ...content, number: this.seen++ });
      this.refusals.length = Math.min(this.refusals.length, MOST_REFUSALS);
      this.dispatchEvent(new Event('refusal'));
    }
  }

  /**
   * @param {'off' | 'connecting' | 'live' | 'lost'} state
   * @param {string} why
   */
  become(state, why = '') {
    this.state = state;
    this.why = why;
    this.dispatchEvent(new Event('change'));
  }
}

export const live = new Live();

/** @param {Figures} figures all that were refused, for whatever reason */
export const refusedIn = (figures) => Object.values(figures.refused).reduce((sum, n) => sum + n, 0);

/** @typedef {import('lit').ReactiveController} ReactiveController */

/**
 * Has an element drawn anew whenever something comes, for as long as it is in the page.
 *
 * @implements {ReactiveController}
 */
export class Follow {
  /**
   * @param {import('lit').ReactiveControllerHost} host
   * @param {'change' | 'refusal'} what
   */
  constructor(host, what = 'change') {
    this.what = what;
    this.update = () => host.requestUpdate();
    host.addController(this);
  }

  hostConnected() {
    live.addEventListener(this.what, this.update);
  }

  hostDisconnected() {
    live.removeEventListener(this.what, this.update);
  }
}
