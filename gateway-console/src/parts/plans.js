import { html } from 'lit';
import { call, get, path } from '../api.js';
import { fieldOf, say } from './common.js';
import { ask } from './dialog.js';

/** @param {{name: string, title: string}} plan */
const called = (plan) => (plan.title ? `${plan.title} (${plan.name})` : plan.name);

/**
 * Puts a user on a plan, now or at a moment.
 *
 * @param {{id: string, name: string}} user
 * @param {() => unknown} done
 */
export async function putOnPlan(user, done) {
  const [{ data: on, etag }, { plans }] = await Promise.all([call('GET', path`/users/${user.id}/plan`), get('/plans')]);
  ask({
    title: `The plan of ${user.name}`,
    body: html`<label class="field">Plan
        <select name="plan"><option value="">none</option>
          ${plans.map((/** @type {any} */ plan) => html`<option value=${plan.name} ?selected=${plan.name === on.plan}>${called(plan)}</option>`)}
        </select></label>
      <label class="field">From then on; nothing: now<input name="at" type="datetime-local"></label>
      <p class="note">Limits and quotas of their own stay as they are, and go before those of a plan.
        ${on.next_plan ? 'A change is scheduled already: another moment takes its place, a change of now leaves it.' : ''}
        ${plans.length ? '' : html`There are no plans yet; <a href="#/plans">make one</a>.`}</p>`,
    yes: 'Change',
    action: async (form) => {
      const from = fieldOf(form, 'at');
      await call(
        'PUT',
        path`/users/${user.id}/plan`,
        { plan: fieldOf(form, 'plan') || null, ...(from ? { at: new Date(from).toISOString() } : {}) },
        { etag },
      );
      say(from ? 'The change of plan is scheduled.' : 'The plan was changed.');
      await done();
    },
    again: () => putOnPlan(user, done),
  });
}

/**
 * Takes a scheduled change back.
 *
 * @param {{id: string, name: string}} user
 * @param {() => unknown} done
 */
export async function keepPlan(user, done) {
  const { etag } = await call('GET', path`/users/${user.id}/plan`);
  ask({
    title: 'Take the scheduled change back?',
    body: html`<p>${user.name} stays on the plan of now.</p>`,
    yes: 'Take back',
    action: async () => {
      await call('DELETE', path`/users/${user.id}/plan?scheduled=true`, undefined, { etag });
      say('The scheduled change was taken back.');
      await done();
    },
    again: () => keepPlan(user, done),
  });
}
