import { html, nothing } from 'lit';
import { call, get, path } from '../api.js';
import { amount, at, date, words } from '../format.js';
import { burnDown, forecast, hasHistory } from '../forecast.js';
import { fieldOf, meter, numberOr, problem, say } from '../parts/common.js';
import { ask } from '../parts/dialog.js';
import '../parts/chart.js';
import '../parts/rows.js';
import { FRESH_QUOTA, ORIGINS, QUOTA_COLUMNS, QUOTA_HELP } from '../parts/rules.js';
import { may } from '../session.js';
import { UserCard } from './card.js';

/**
 * @typedef {import('../forecast.js').Usage} Usage
 * @typedef {import('../parts/rules.js').Quota} Quota
 */

/** @type {import('../parts/chart.js').Series[]} */
const SERIES = [
  { label: 'Left', color: '--c1', fill: true },
  { label: 'At this pace', color: '--c2', dash: [6, 4] },
];

/** How much a user may use, how much of it is left, and when it runs out. */
class Quotas extends UserCard {
  static properties = {
    ...UserCard.properties,
    quotas: { state: true },
    own: { state: true },
    usage: { state: true },
    calendar: { state: true },
    shown: { state: true },
    history: { state: true },
  };

  constructor() {
    super();
    /** @type {Quota[] | null} */
    this.quotas = null;
    this.own = false;
    this.origin = '';
    /** @type {string | null} */
    this.etag = null;
    /** @type {Usage[]} */
    this.usage = [];
    this.calendar = { time_zone: 'UTC', billing_day: 1 };
    /** Which of them the chart is of, `requests day`. */
    this.shown = '';
    /** @type {import('../forecast.js').Traffic[]} */
    this.history = [];
  }

  async read() {
    const [quotas, usage] = await Promise.all([
      call('GET', path`/users/${this.user}/quotas`),
      get(path`/users/${this.user}/usage`),
    ]);
    this.quotas = quotas.data.quotas;
    this.own = quotas.data.own;
    this.origin = quotas.data.origin;
    this.etag = quotas.etag;
    this.usage = usage.usage;
    this.calendar = { time_zone: usage.time_zone, billing_day: usage.billing_day };
    const drawable = this.limited.filter((each) => each.resets_at && hasHistory(each.meter));
    const chosen = drawable.find((each) => nameOf(each) === this.shown) ?? drawable[0];
    this.shown = chosen ? nameOf(chosen) : '';
    await this.follow();
  }

  /** Reads how the one that the chart is of was used. */
  async follow() {
    const usage = this.drawn;
    this.history = usage
      ? (await get(path`/users/${this.user}/usage/history?by=hour&from=${usage.period_start}`)).history
      : [];
  }

  /** Those that a quota limits. */
  get limited() {
    return this.usage.filter((each) => each.most !== null);
  }

  get drawn() {
    return this.usage.find((each) => nameOf(each) === this.shown);
  }

  edit() {
    ask({
      title: 'Quotas of this user',
      wide: true,
      body: html`<p class="note">${QUOTA_HELP}</p>
        <gh-rows .columns=${QUOTA_COLUMNS} .start=${this.quotas ?? []} .fresh=${FRESH_QUOTA}></gh-rows>`,
      yes: 'Keep',
      action: async (form) => {
        const quotas = /** @type {any} */ (form.querySelector('gh-rows')).value;
        await call('PUT', path`/users/${this.user}/quotas`, { quotas }, { etag: this.etag });
        say('The quotas were changed.');
        await this.load();
      },
      again: () => this.load().then(() => this.edit()),
    });
  }

  goBack() {
    ask({
      title: 'Give up their own?',
      body: html`<p>The quotas of this user are forgotten, and those of their plan hold, or else of the configuration.</p>`,
      yes: 'Give up',
      danger: true,
      action: async () => {
        await call('DELETE', path`/users/${this.user}/quotas`, undefined, { etag: this.etag });
        say('The quotas of this user are forgotten.');
        await this.load();
      },
    });
  }

  when() {
    ask({
      title: 'When days and months begin',
      body: html`<label class="field">Time zone<input name="zone" autocomplete="off" .value=${this.calendar.time_zone}></label>
        <label class="field">Day of the month, 1 to 31<input name="day" inputmode="numeric" autocomplete="off" .value=${String(this.calendar.billing_day)}></label>
        <p class="note">Days and months that begin on another day than before are counted from zero.</p>`,
      yes: 'Keep',
      action: async (form) => {
        await call('PUT', path`/users/${this.user}/calendar`, {
          time_zone: fieldOf(form, 'zone'),
          billing_day: numberOr(fieldOf(form, 'day')),
        });
        say('The calendar was changed.');
        await this.load();
      },
    });
  }

  /** @param {Usage} usage */
  anew(usage) {
    ask({
      title: 'Begin to count anew?',
      body: html`<p>${words(usage.meter)} of this ${usage.window} go back to zero, on all nodes within a second.</p>`,
      yes: 'Begin anew',
      danger: true,
      action: async () => {
        await call('POST', path`/users/${this.user}/quotas/reset`, { meter: usage.meter, window: usage.window });
        say('It counts from zero.');
        await this.load();
      },
    });
  }

  render() {
    const limited = this.limited;
    return html`
      <header class="card-head"><h2>Quotas and use</h2>
        ${this.own && may('resetQuotas') ? html`<button type="button" class="small" @click=${this.goBack}>Give up their own</button>` : nothing}
        <button type="button" class="small" aria-label="Read again: quotas and use" ?disabled=${this.busy} @click=${this.load}>Read again</button>
        ${may('replaceCalendar') ? html`<button type="button" class="small" ?disabled=${!this.quotas} @click=${this.when}>Calendar</button>` : nothing}
        ${may('replaceQuotas')
          ? html`<button type="button" class="small" aria-label="Change the quotas" ?disabled=${!this.quotas} @click=${this.edit}>Change</button>`
          : nothing}</header>
      ${problem(this.error)}
      <p class="note">${this.quotas
        ? `${ORIGINS[this.origin] ?? this.origin}. Months begin on day ${this.calendar.billing_day}, in ${this.calendar.time_zone}.`
        : 'Reading…'}</p>
      <div class="bars">${limited.map((each) => this.bar(each))}</div>
      ${this.quotas && !limited.length ? html`<p>Nothing is limited by a quota.</p>` : nothing}
      ${this.free()}
      ${this.chart()}
      <p class="note"><a href="#/usage/${this.user}">What was used, by minute, hour or day</a></p>
    `;
  }

  /** @param {Usage} usage */
  bar(usage) {
    const most = /** @type {number} */ (usage.most);
    const text = `${amount(usage.used, usage.meter)} of ${amount(most, usage.meter)}`;
    const name = `${words(usage.meter)} / ${usage.window}`;
    return html`<div>
      <p class="bar-head"><b>${name}</b><span>${text}
        ${usage.resets_at && may('beginAnew') ? html`<button type="button" class="quiet small" aria-label="Begin anew: ${name}" @click=${() => this.anew(usage)}>Begin anew</button>` : nothing}</span></p>
      ${meter(`${name}, used`, usage.used, most, text)}
      ${usage === this.drawn ? nothing : html`<p class="note">${this.prospect(usage)}</p>`}
    </div>`;
  }

  /** What the pace so far leads to, in words. @param {Usage} usage */
  prospect(usage) {
    if (!usage.resets_at) {
      return `${amount(usage.remaining ?? 0, usage.meter)} left.`;
    }
    const { runsOut, left } = forecast(usage, Date.now());
    const again = at(usage.resets_at);
    if (usage.remaining === 0) {
      return `Used up. It begins anew on ${again}.`;
    }
    return runsOut === null
      ? `At the pace so far, ${amount(Math.round(left), usage.meter)} are left when it begins anew on ${again}.`
      : `At the pace so far it runs out on ${at(runsOut)}; it begins anew on ${again}.`;
  }

  /** What is counted without a limit. */
  free() {
    const free = this.usage.filter((each) => each.most === null && each.used > 0);
    return free.length
      ? html`<p class="note">Without a quota: ${free.map((each) => `${amount(each.used, each.meter)} ${words(each.meter)} this ${each.window}`).join(', ')}.</p>`
      : nothing;
  }

  chart() {
    const usage = this.drawn;
    if (!usage) {
      return nothing;
    }
    const choices = this.limited.filter((each) => each.resets_at && hasHistory(each.meter));
    const now = Date.now();
    const [times, left] = burnDown(usage, this.history, now);
    const { runsOut, left: rest } = forecast(usage, now);
    const ends = Date.parse(/** @type {string} */ (usage.resets_at)) / 1000;
    const last = left.length - 1;
    const end = runsOut === null || runsOut / 1000 <= times[last] ? [] : [runsOut / 1000];
    const xs = [...times, ...end, ends];
    const pace = xs.map((_, i) => (i < last ? null : i === last ? left[last] : i === xs.length - 1 ? rest : 0));
    const data = [xs, xs.map((_, i) => left[i] ?? null), pace];
    return html`
      ${choices.length > 1
        ? html`<label class="field">Burn-down of
            <select @change=${(/** @type {any} */ e) => { this.shown = e.target.value; this.attempt(() => this.follow()); }}>
              ${choices.map((each) => html`<option value=${nameOf(each)} ?selected=${nameOf(each) === this.shown}>${words(each.meter)} / ${each.window}</option>`)}
            </select></label>`
        : nothing}
      <gh-chart .label=${`What is left of ${words(usage.meter)} this ${usage.window}`} .series=${SERIES} .data=${data} .most=${usage.most}
        .format=${(/** @type {number} */ value) => amount(Math.round(value), usage.meter)} .summary=${this.prospect(usage)}
        .when=${(/** @type {number} */ seconds) => (usage.window === 'day' ? at(seconds * 1000) : date(seconds * 1000))}></gh-chart>`;
  }
}

/** @param {{meter: string, window: string}} each */
const nameOf = (each) => `${each.meter} ${each.window}`;

customElements.define('gh-quotas', Quotas);
