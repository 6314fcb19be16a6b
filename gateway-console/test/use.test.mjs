// What people do with it, with the keyboard and the mouse.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { after, before, describe, test } from 'node:test';
import { assertSound, drawn, launch, LOOKS, noBrowser, open } from './browser.mjs';
import { Gateway, noGateway } from './gateway.mjs';

describe('use', { skip: noBrowser || noGateway || false }, () => {
  let gateway;
  let browser;

  before(async () => {
    gateway = await Gateway.start();
    await gateway.populate();
    browser = await launch();
  });

  after(async () => {
    await browser?.close();
    await gateway?.stop();
  });

  const at = async (path, look, options) => {
    const tab = await open(browser, gateway, look, options);
    await tab.page.goto(`${gateway.url}/_/#${path}`);
    return tab;
  };

  test('a wrong token is refused, the right one is kept in the tab only, and goes with signing out', async () => {
    const { page, faults, close } = await open(browser, gateway, 'light', { signedIn: false });
    await page.goto(`${gateway.url}/_/`);
    await page.getByLabel('token').fill('wrong');
    await page.keyboard.press('Enter');
    await page.getByRole('alert').getByText('Not an administrator').waitFor();

    await page.getByLabel('token').fill(gateway.token);
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Overview' }).waitFor();
    assert.equal(await page.evaluate(() => JSON.stringify([localStorage, document.cookie]).includes(sessionStorage['gatehouse.token'])), false);

    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByLabel('token').waitFor();
    assert.equal(await page.evaluate(() => sessionStorage.length), 0);
    assert.deepEqual(faults, []);
    await close();
  });

  test('a user and a key are made, the key is shown once and opens the door, and both are deleted', async () => {
    const { page, faults, close } = await at('/users');
    await page.getByRole('button', { name: 'Add a user' }).click();
    await page.getByRole('dialog').getByLabel('Name').fill('carol');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'carol' }).waitFor();

    await page.getByRole('button', { name: 'Make a key' }).click();
    await page.getByRole('dialog').getByLabel('Name').fill('shop');
    await page.getByRole('button', { name: 'Make', exact: true }).click();
    const secret = await page.getByLabel('The key', { exact: true }).inputValue();
    const answer = await fetch(`${gateway.url}/insecure/rs:fit:60:60/plain/local:///city.jpg`, { headers: { 'X-API-Key': secret } });
    assert.equal(answer.status, 200);
    await page.getByRole('button', { name: 'Close' }).click();
    await page.getByRole('rowheader', { name: 'shop' }).waitFor();
    assert.equal((await page.content()).includes(secret), false);

    await page.getByRole('button', { name: 'Delete shop' }).click();
    await page.getByRole('button', { name: 'Delete', exact: true }).last().click();
    await page.getByRole('alert').getByText('Type shop to go on').waitFor();
    await page.getByLabel('Type shop to go on').fill('shop');
    await page.keyboard.press('Enter');
    await page.getByText('There is none. Without a key').waitFor();

    await page.getByRole('button', { name: 'Delete', exact: true }).click();
    await page.getByLabel('Type carol to go on').fill('carol');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Users' }).waitFor();
    assert.equal((await gateway.admin('GET', '/users?name=carol')).users.length, 0);
    assert.deepEqual(faults, []);
    await close();
  });

  test('a rotated key has a successor, and an end', async () => {
    const { page, close } = await at(`/users/${gateway.users['globex-web']}`);
    await page.getByRole('button', { name: 'Rotate website' }).click();
    await page.getByLabel('The old key goes on for').selectOption('1h');
    await page.getByRole('button', { name: 'Rotate', exact: true }).click();
    assert.match(await page.getByLabel('The key', { exact: true }).inputValue(), /^gk_demo_/);
    await page.getByRole('button', { name: 'Close' }).click();
    await page.getByText(/^in (59|60) min$/).waitFor();

    assert.equal(await page.locator('gh-keys tbody tr').count(), 2);
    await close();
  });

  test('what the API has against an input is said field by field, and the input stays', async () => {
    const { page, close } = await at(`/users/${gateway.users.bob}`);
    await page.getByRole('button', { name: 'Change the limits' }).click();
    await page.getByLabel('Permits, row 1').fill('lots');
    await page.getByLabel('In, row 1').fill('1y');
    await page.getByRole('button', { name: 'Keep' }).click();

    const alert = page.getByRole('dialog').getByRole('alert');
    await alert.getByText('limits[0].permits').waitFor();
    await alert.getByText('limits[0].period').waitFor();
    assert.equal(await page.getByLabel('Permits, row 1').inputValue(), 'lots');

    await page.getByLabel('Permits, row 1').fill('90');
    await page.getByLabel('In, row 1').fill('1m');
    await page.getByRole('button', { name: 'Keep' }).click();
    await page.getByText('90 in 1m').waitFor();
    await close();
  });

  test('a key has limits and quotas of its own', async () => {
    const user = await gateway.admin('POST', '/users', { name: 'erin' });
    const key = await gateway.admin('POST', '/keys', { user: user.id, name: 'shop' });
    const { page, faults, close } = await at(`/users/${user.id}`);
    await page.getByRole('link', { name: 'shop' }).click();
    await page.getByText('None: what its user may use').waitFor();

    await page.getByRole('button', { name: 'Change the quotas of the key' }).click();
    await page.getByRole('dialog').getByRole('button', { name: /^Add a row/ }).click();
    await page.getByLabel('At most, row 1').fill('many');
    await page.getByRole('button', { name: 'Keep' }).click();
    await page.getByRole('dialog').getByRole('alert').getByText('quotas[0].most').waitFor();
    await page.getByLabel('At most, row 1').fill('250');
    await page.getByRole('button', { name: 'Keep' }).click();
    await page.getByText('250 requests a day').waitFor();
    await page.getByRole('meter', { name: 'requests / day, used' }).waitFor();
    assert.deepEqual((await gateway.admin('GET', `/keys/${key.id}/quotas`)).quotas.map((each) => each.most), [250]);

    await page.getByRole('button', { name: 'Change the limits' }).click();
    await page.getByRole('dialog').getByRole('button', { name: /^Add a row/ }).click();
    await page.getByLabel('Permits, row 1').fill('7');
    await page.getByRole('button', { name: 'Keep' }).click();
    await page.getByText('7 in 1m').waitFor();
    assert.deepEqual((await gateway.admin('GET', `/keys/${key.id}/limits`)).limits.map((each) => each.permits), [7]);

    await page.getByRole('button', { name: 'Begin anew: requests / day' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Begin anew', exact: true }).click();
    await page.getByText('It counts from zero.').waitFor();
    await page.getByRole('button', { name: 'Take all away' }).click();
    await page.getByRole('button', { name: 'Take away', exact: true }).click();
    await page.getByText('None: what its user may use').waitFor();
    assert.deepEqual((await gateway.admin('GET', `/keys/${key.id}/quotas`)).quotas, []);
    await gateway.admin('DELETE', `/users/${user.id}`);
    assert.deepEqual(faults, []);
    await close();
  });

  test('a change that somebody else made in between is not overwritten', async () => {
    const { page, close } = await at(`/users/${gateway.users.alice}`);
    await page.getByText('10.0.0.0/8').waitFor();
    await gateway.admin('PUT', `/users/${gateway.users.alice}/whitelist`, { networks: ['127.0.0.1'] });
    await page.getByRole('button', { name: 'Change: Networks' }).click();
    await page.getByRole('button', { name: 'Keep' }).click();

    await page.getByRole('alert').getByText('Precondition failed').waitFor();
    assert.deepEqual((await gateway.admin('GET', `/users/${gateway.users.alice}/whitelist`)).networks, ['127.0.0.1/32']);
    await close();
  });

  test('a user is put on a plan, and it is told who did that', async () => {
    await gateway.admin('PUT', '/plans/pro', { title: 'For professionals', limits: { user: [{ permits: 77, period: '1m' }] } });
    const { page, faults, close } = await at(`/users/${gateway.users.initech}`);
    await page.getByRole('button', { name: 'Change the plan' }).click();
    await page.getByRole('dialog').getByLabel('Plan').selectOption('pro');
    await page.getByRole('dialog').getByRole('button', { name: 'Change', exact: true }).click();
    await page.getByText('77 in 1m').waitFor();

    await page.goto(`${gateway.url}/_/#/audit`);
    await page.getByRole('button', { name: `Show changeUserPlan of users/${gateway.users.initech}` }).first().click();
    await page.getByRole('dialog').getByText('"pro"').waitFor();
    assert.deepEqual(faults, []);
    await close();
  });

  test('a backend is added, weighed, drained and removed', async () => {
    const { page, faults, close } = await at('/backends');
    await page.getByRole('button', { name: 'Add a backend' }).click();
    await page.getByLabel('Address').fill('http://127.0.0.1:7');
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'Weight of http://127.0.0.1:7' }).click();
    await page.getByRole('dialog').getByLabel('Weight').fill('101');
    await page.keyboard.press('Enter');
    await page.getByRole('alert').getByText('1 to 100').waitFor();
    await page.getByRole('dialog').getByLabel('Weight').fill('9');
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'Drain http://127.0.0.1:7' }).click();
    await page.getByRole('button', { name: 'Drain', exact: true }).last().click();
    await page.getByRole('button', { name: 'Enable http://127.0.0.1:7' }).waitFor();
    const { backends } = await gateway.admin('GET', '/backends');
    const kept = backends.find((each) => each.url.endsWith(':7'));
    assert.deepEqual([kept.weight, kept.state], [9, 'draining']);

    await page.getByRole('button', { name: 'Remove http://127.0.0.1:7' }).click();
    await page.getByRole('button', { name: 'Remove', exact: true }).last().click();
    await page.locator('main').getByText('http://127.0.0.1:7').waitFor({ state: 'detached' });
    assert.deepEqual(faults, []);
    await close();
  });

  test('a refusal shows as it happens, without the key, and is explained', async () => {
    const { page, close } = await at('/refusals');
    await page.getByText('● live').waitFor();
    const headers = { 'X-API-Key': gateway.keys.at(-1) }; // of the user who is switched off
    await fetch(`${gateway.url}/why/${gateway.keys.at(-1)}/a.jpg?secret=1`, { headers });

    const row = page.getByRole('row', { name: /why/ });
    await row.getByText('key disabled').waitFor();
    const text = await row.innerText();
    assert.equal(text.includes(gateway.keys.at(-1)), false);
    assert.equal(text.includes('secret=1'), false);

    await row.getByRole('button', { name: /^Explain/ }).click();
    await page.getByRole('dialog').getByText('would be refused now').waitFor();
    await page.keyboard.press('Escape');
    await page.getByLabel('Id of the key').fill('nosuchkey000');
    await page.getByRole('button', { name: 'Explain', exact: true }).click();
    await page.getByRole('alert').getByText('There is no key with this id').waitFor();
    await close();
  });

  test('letters are commands until they are switched off', async () => {
    const { page, close } = await at('/overview');
    await page.getByRole('heading', { name: 'Overview' }).waitFor();
    await page.keyboard.press('g');
    await page.keyboard.press('u');
    await page.getByRole('heading', { name: 'Users', exact: true }).waitFor();
    await page.keyboard.press('/');
    await page.keyboard.type('alice');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'alice' }).waitFor();

    await page.getByRole('button', { name: 'Keyboard' }).click();
    await page.getByLabel('Letters are commands').uncheck();
    await page.getByRole('button', { name: 'Close' }).click();
    await page.keyboard.press('g');
    await page.keyboard.press('b');
    assert.equal(await page.getByRole('heading', { name: 'alice' }).count(), 1);
    await close();
  });

  test('dark is dark, also when the system is light, and stays so', async () => {
    const { page, close } = await at('/overview');
    await page.getByLabel('Theme').selectOption('dark');
    await page.reload();
    await page.getByRole('heading', { name: 'Overview' }).waitFor();

    assert.equal(await page.evaluate(() => getComputedStyle(document.querySelector('main')).backgroundColor), 'rgb(18, 22, 20)');
    await close();
  });

  test('a gateway that is gone is missed, and found again', async () => {
    const { page, close } = await at('/overview');
    await page.getByText('● live').waitFor();
    await page.context().setOffline(true);
    await page.evaluate(() => location.reload()).catch(() => {});
    await page.context().setOffline(false);
    await page.goto(`${gateway.url}/_/#/overview`);
    await page.route('**/api/v1/live', (route) => route.abort());
    await page.reload();
    await page.getByText('✕ no live data').waitFor();
    await page.unroute('**/api/v1/live');
    await page.getByText('● live').waitFor();
    await close();
  });

  test('a plan is made, a user is put on it, it is changed for them, and it cannot be deleted while they are on it', async () => {
    const { page, faults, close } = await at('/plans');
    await page.getByRole('button', { name: 'Make a plan' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Name, of small letters').fill('team');
    await dialog.getByLabel('What people call it').fill('Teams');
    await dialog.getByRole('group', { name: 'Limits of each user' }).getByLabel('As the configuration says').uncheck();
    await dialog.getByRole('button', { name: 'Add a row: limits of each user' }).click();
    await dialog.getByLabel('Permits, row 1: limits of each user').fill('55');
    await dialog.getByRole('button', { name: 'Add a row: options' }).click();
    await dialog.getByLabel('Name, row 1: options').fill('seats');
    await dialog.getByLabel('Value, row 1: options').fill('5');
    await dialog.getByRole('button', { name: 'Make', exact: true }).click();
    await page.getByRole('heading', { name: 'Teams' }).waitFor();
    assert.deepEqual((await gateway.admin('GET', '/plans/team')).options, { seats: '5' });

    await page.getByRole('button', { name: 'Put a user on it' }).click();
    await dialog.getByLabel('Name of the user').fill('nobody of this name');
    await page.keyboard.press('Enter');
    await dialog.getByRole('alert').getByText('There is no user called').waitFor();
    await dialog.getByLabel('Name of the user').fill('alice');
    await page.keyboard.press('Enter');
    await page.getByRole('link', { name: 'alice' }).waitFor();

    await page.getByRole('button', { name: 'Delete' }).click();
    await dialog.getByText('One user is on it').waitFor();
    await page.keyboard.press('Escape');
    await gateway.admin('PUT', `/users/${gateway.users.alice}/plan`, { plan: null });
    await page.getByRole('button', { name: 'Delete' }).click();
    await page.getByLabel('Type team to go on').fill('team');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Plans', exact: true }).waitFor();
    assert.equal((await gateway.admin('GET', '/plans')).plans.some((plan) => plan.name === 'team'), false);
    assert.deepEqual(faults, []);
    await close();
  });

  test('a plan that somebody else has changed in between is begun again with what is there', async () => {
    const { page, faults, close } = await at('/plans/free');
    await page.getByRole('button', { name: 'Change', exact: true }).first().click();
    await page.getByRole('dialog').getByLabel('What people call it').fill('Gratis');
    const theirs = await gateway.admin('GET', '/plans/free');
    await gateway.admin('PUT', '/plans/free', { ...theirs, scopes: ['GET', 'POST /upload'] });
    await page.getByRole('button', { name: 'Keep' }).click();
    await page.getByText('Somebody else has changed it').waitFor();
    await assertSound(page, faults, 'a change in between');

    await page.getByRole('button', { name: 'Begin again' }).click();
    const dialog = page.getByRole('dialog');
    assert.equal(await dialog.getByLabel('What may be called').inputValue(), 'GET\nPOST /upload');
    await dialog.getByLabel('What people call it').fill('Gratis');
    await page.getByRole('button', { name: 'Keep' }).click();
    await page.getByRole('heading', { name: 'Gratis' }).waitFor();
    assert.deepEqual((await gateway.admin('GET', '/plans/free')).scopes, ['GET', 'POST /upload']);
    await close();
  });

  test('a change of plan is scheduled, and taken back', async () => {
    const { page, faults, close } = await at(`/users/${gateway.users.alice}`);
    await page.getByRole('button', { name: 'Change the plan' }).click();
    await page.getByRole('dialog').getByLabel('Plan').selectOption('pro');
    await page.getByRole('dialog').getByLabel('From then on').fill('2035-06-01T12:00');
    await page.getByRole('dialog').getByRole('button', { name: 'Change', exact: true }).click();
    await page.getByText('pro from 1 Jun 2035').waitFor();

    await page.getByRole('button', { name: 'Take the scheduled change back' }).click();
    await page.getByRole('button', { name: 'Take back', exact: true }).last().click();
    await page.getByText('pro from 1 Jun 2035').waitFor({ state: 'detached' });
    assert.equal((await gateway.admin('GET', `/users/${gateway.users.alice}`)).next_plan, null);
    assert.deepEqual(faults, []);
    await close();
  });

  test('a network is blocked in the shadow, then in earnest, found by what it does, and let in again', async () => {
    const { page, faults, close } = await at('/blocks');
    await page.getByRole('button', { name: 'Block somebody' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Address or network').fill('192.0.2.0/33');
    await page.getByRole('button', { name: 'Block', exact: true }).click();
    await dialog.getByRole('alert').getByText('value').waitFor();
    await dialog.getByLabel('Address or network').fill('192.0.2.0/24');
    await dialog.getByLabel('Why, for administrators').fill('Fuzzing');
    await page.getByRole('button', { name: 'Block', exact: true }).click();
    await page.getByRole('rowheader', { name: '192.0.2.0/24' }).waitFor();
    const [kept] = (await gateway.admin('GET', '/blocks')).blocks.filter((block) => block.value === '192.0.2.0/24');
    assert.deepEqual([kept.enforcement, kept.reason], ['shadow', 'Fuzzing']);
    const hours = (Date.parse(kept.expires_at) - Date.now()) / 3600_000;
    assert.ok(hours > 23 && hours <= 24, `${hours}`);

    await page.getByRole('button', { name: 'Change the block of 192.0.2.0/24' }).click();
    await dialog.getByLabel('Enforced').check();
    await page.getByRole('button', { name: 'Change', exact: true }).click();
    await dialog.waitFor({ state: 'detached' }).catch(() => {});
    await page.getByLabel('What it does').selectOption('enforced');
    await page.getByRole('rowheader', { name: '198.51.100.23' }).waitFor({ state: 'detached' });
    await page.getByRole('rowheader', { name: '192.0.2.0/24' }).waitFor();
    assert.match(page.url(), /#\/blocks\?enforcement=enforced$/);
    await page.reload();
    await page.getByRole('rowheader', { name: '192.0.2.0/24' }).waitFor();

    await page.getByRole('button', { name: 'Lift the block of 192.0.2.0/24' }).click();
    await page.getByRole('button', { name: 'Lift', exact: true }).last().click();
    await page.getByRole('rowheader', { name: '192.0.2.0/24' }).waitFor({ state: 'detached' });
    assert.deepEqual(faults, []);
    await close();
  });

  test('the address of a refusal is blocked from where it shows, but not the own one by mistake', async () => {
    const { page, close } = await at('/refusals');
    await page.getByText('● live').waitFor();
    await fetch(`${gateway.url}/block-me`);
    const row = page.getByRole('row', { name: /block-me/ });
    const dialog = page.getByRole('dialog');
    await row.getByRole('button', { name: /^Explain/ }).click();
    await dialog.getByText('would be refused now').waitFor();
    await dialog.getByRole('button', { name: 'Block 127.0.0.1' }).click();
    await dialog.getByRole('heading', { name: 'Block 127.0.0.1?' }).waitFor();
    await page.keyboard.press('Escape');
    await row.getByRole('button', { name: /^Block/ }).click();
    await dialog.getByRole('heading', { name: 'Block 127.0.0.1?' }).waitFor();
    await dialog.getByLabel('Enforced').check();
    await page.getByRole('button', { name: 'Block', exact: true }).last().click();
    await dialog.getByRole('alert').getByText('covers your own address').waitFor();

    await dialog.getByLabel('Shadow').check();
    await page.getByRole('button', { name: 'Block', exact: true }).last().click();
    await page.getByText('127.0.0.1/32 would be refused').waitFor();
    const block = (await gateway.admin('GET', '/blocks')).blocks.find((each) => each.value === '127.0.0.1/32');
    assert.deepEqual([block.enforcement, block.reason], ['shadow', 'Refused: key missing']);
    await gateway.admin('DELETE', `/blocks/${block.id}`);
    await close();
  });

  test('an administrator is added, their token is shown once and works, and is worth nothing when they are revoked', async () => {
    const { page, faults, close } = await at('/administrators');
    await page.getByRole('button', { name: 'Add an administrator' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Name').fill('Tina');
    await dialog.getByLabel('Role').selectOption('tenant');
    await page.getByRole('button', { name: 'Add', exact: true }).click();
    await dialog.getByRole('alert').getByText('tenant').first().waitFor();
    await dialog.getByLabel('Tenant', { exact: true }).fill('globex');
    await page.getByRole('button', { name: 'Add', exact: true }).click();
    const token = await page.getByLabel('The token', { exact: true }).inputValue();
    assert.match(token, /^gatehouse_admin_/);
    await page.getByRole('button', { name: 'Close' }).click();
    await page.getByRole('rowheader', { name: 'Tina' }).waitFor();
    assert.equal((await page.content()).includes(token), false);
    const asked = () => fetch(`${gateway.url}/api/v1/me`, { headers: { Authorization: `Bearer ${token}` } });
    assert.equal((await (await asked()).json()).tenant, 'globex');

    await page.getByRole('button', { name: 'Revoke Tina' }).click();
    await page.getByLabel('Type Tina to go on').fill('Tina');
    await page.keyboard.press('Enter');
    await page.getByRole('rowheader', { name: 'Tina' }).waitFor({ state: 'detached' });
    assert.equal((await asked()).status, 401);
    assert.deepEqual(faults, []);
    await close();
  });

  test('a viewer sees everything but what is the owners alone, and no button that would be refused', async () => {
    const token = await gateway.administrator('Vera', 'viewer');
    const { page, faults, close } = await at('/users', 'light', { token });
    await page.getByRole('link', { name: 'alice' }).waitFor();
    const links = await page.getByRole('navigation').getByRole('link').allInnerTexts();
    assert.deepEqual(links, ['Overview', 'Refusals', 'Usage', 'Users', 'Plans', 'Blocks', 'Backends', 'Routes', 'Audit']);

    const allowed = /^(Theme|Keyboard|Sign out|Table.*|Read again.*|Look again|Hold|Explain.*|Show.*|Find|Read \d+ more)$/;
    for (const [path, there] of [
      ['/users', page.getByRole('link', { name: 'alice' })],
      [`/users/${gateway.users.bob}`, page.locator('gh-limits .meter').first()],
      ['/tenants/acme', page.getByText('900 in 1m')],
      ['/plans', page.getByRole('link', { name: 'For professionals', exact: true })],
      ['/plans/pro', page.getByRole('link', { name: 'umbrella' })],
      ['/blocks', page.getByRole('rowheader', { name: '203.0.113.0/24' })],
      ['/backends', page.getByText('127.0.0.1:9', { exact: false })],
      ['/routes', page.getByRole('heading', { name: 'Pools' })],
      ['/audit', page.getByRole('button', { name: /^Show/ }).first()],
    ]) {
      await page.goto(`${gateway.url}/_/#${path}`);
      await there.waitFor();
      const buttons = await page.getByRole('button').evaluateAll((all) => all.map((each) => each.ariaLabel ?? each.innerText));
      assert.deepEqual(buttons.filter((each) => !allowed.test(each)), [], path);
    }
    await page.goto(`${gateway.url}/_/#/settings`);
    await page.getByText('Your role, viewer, has no part in this page').waitFor();
    assert.deepEqual(faults, []);
    await close();
  });

  test('who administers a tenant sees its users, and may do with them what the gateway allows', async () => {
    const token = await gateway.administrator('Theo', 'tenant', 'acme');
    const { page, faults, close } = await at('', 'light', { token });
    await page.getByRole('heading', { name: 'Usage', exact: true }).waitFor();
    assert.deepEqual(await page.getByRole('navigation').getByRole('link').allInnerTexts(), ['Usage', 'Users', 'Tenant']);

    await page.getByRole('link', { name: 'Tenant' }).click();
    await page.getByText('900 in 1m').waitFor();
    await page.getByRole('link', { name: 'alice', exact: true }).waitFor();
    assert.equal(await page.getByRole('link', { name: 'initech' }).count(), 0);
    await page.getByRole('link', { name: 'alice', exact: true }).click();
    await page.getByRole('button', { name: 'Make a key' }).waitFor();
    await page.locator('gh-limits .meter').first().waitFor();
    assert.equal(await page.getByRole('button', { name: 'Change the limits' }).count(), 0);

    await page.goto(`${gateway.url}/_/#/users`);
    await page.getByRole('button', { name: 'Add a user' }).click();
    assert.equal(await page.getByRole('dialog').getByLabel('Tenant').count(), 0);
    await page.getByRole('dialog').getByLabel('Name').fill('dora');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'dora' }).waitFor();
    assert.equal((await gateway.admin('GET', '/users?name=dora')).users[0].tenant, 'acme');
    assert.deepEqual(faults, []);
    await close();
  });

  test('a token that only registers backends opens no page', async () => {
    const token = await gateway.administrator('robot', 'registrar');
    const { page, close } = await open(browser, gateway, 'light', { signedIn: false });
    await page.goto(`${gateway.url}/_/`);
    await page.getByLabel('token').fill(token);
    await page.keyboard.press('Enter');
    await page.getByRole('alert').getByText('for backends').waitFor();
    assert.equal(await page.evaluate(() => sessionStorage.length), 0);
    await close();
  });

  test('what a user has transferred is drawn by minute, hour and day, and the choice is in the address', async () => {
    const { alice } = gateway.users;
    const { key } = await gateway.admin('POST', '/keys', { user: alice, name: 'history' });
    await fetch(`${gateway.url}/insecure/rs:fit:60:60/plain/local:///city.jpg`, { headers: { 'X-API-Key': key } }).then((each) => each.arrayBuffer());
    const { page, faults, close } = await at('/usage');
    await page.getByLabel('Show the use of the user').fill('alice');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Usage of alice' }).waitFor();
    const chart = page.getByRole('heading', { name: 'Requests by the hour' });
    while (!(await chart.isVisible())) {
      await page.getByRole('button', { name: 'Read again', exact: true }).click(); // it is told a second later
      await page.waitForTimeout(200);
    }

    await page.getByRole('combobox', { name: 'Time' }).selectOption({ label: 'the last hour, by the minute' });
    await page.getByRole('heading', { name: 'Requests by the minute' }).waitFor();
    assert.match(page.url(), /\?span=0$/);
    await page.getByRole('button', { name: 'Table: Requests by the minute' }).click();
    const cells = await page.getByRole('region', { name: 'Requests by the minute, as a table' }).getByRole('cell').allInnerTexts();
    assert.ok(cells.includes('1'), cells.join());
    assert.deepEqual(faults, []);
    await close();
  });
});

describe('a file of settings', { skip: noBrowser || noGateway || false }, () => {
  let backend;
  let gateway;
  let browser;

  /** @param {number} port of a backend that is well */
  const settings = (port) => `
rate_limits:
  ip_level: none
  user_level: {requests_per_minute: 600}
  endpoints:
    - {name: upload, path: /upload, per: user, requests_per_minute: 10}
backends:
  - {url: "http://127.0.0.1:${port}"}
  - {url: "http://127.0.0.1:9", pool: uploads}
pools:
  - {name: uploads, health_check: {path: /livez}}
routes:
  - {name: uploads, path: /files, methods: [POST, PUT], pool: uploads, limits: upload, strip_prefix: /files, request_headers: {set: {X-Tier: gold}, remove: [Cookie]}}
  - {name: images, host: "*.img.example.com"}
  - {name: rest, path: /img}
`;

  before(async () => {
    backend = createServer((_, answer) => answer.end('well')).listen(0, '127.0.0.1');
    await once(backend, 'listening');
    gateway = await Gateway.of(settings(backend.address().port));
    browser = await launch();
  });

  after(async () => {
    await browser?.close();
    await gateway?.stop();
    backend?.close();
    backend?.closeAllConnections();
  });

  const at = async (path, look) => {
    const tab = await open(browser, gateway, look);
    await tab.page.goto(`${gateway.url}/_/#${path}`);
    return tab;
  };

  for (const look of Object.keys(LOOKS)) {
    test(`routes, ${look}`, async () => {
      const { page, faults, close } = await at('/routes', look);
      await page.getByRole('rowheader', { name: '1. uploads' }).waitFor();
      await assertSound(page, faults, 'routes');
      await drawn(page, `routes-${look}`, true);
      await close();
    });
  }

  test('where a request would go is told', async () => {
    const { page, faults, close } = await at('/routes');
    const { id: user } = await gateway.admin('POST', '/users', { name: 'alice' });
    const { id: key } = await gateway.admin('POST', '/keys', { user });
    await page.getByRole('button', { name: 'Show the route uploads' }).click();
    await page.getByRole('dialog').getByText('X-Tier: gold').waitFor();
    await assertSound(page, faults, 'a route');
    await page.keyboard.press('Escape');

    await page.getByLabel('Id of the key').fill(key);
    await page.getByLabel('Method').fill('POST');
    await page.getByLabel('Path and query').fill('/files/a');
    await page.getByRole('button', { name: 'Explain', exact: true }).click();
    await page.getByText('goes to pool uploads').waitFor();
    await page.getByLabel('Path and query').fill('/nowhere');
    await page.getByRole('button', { name: 'Explain', exact: true }).click();
    await page.getByText('would be refused now: no route').waitFor();
    await close();
  });

  test('settings are read again: what is faulty is said and changes nothing, what is good is in force or waits', async () => {
    const { page, faults, close } = await at('/settings');
    const setting = page.getByRole('row', { name: /rate_limits.user_level.requests_per_minute/ });
    await setting.getByText('600').waitFor();
    assert.equal(await page.getByRole('rowheader', { name: 'admin.console' }).count(), 0);
    await page.getByLabel('Defaults, too').check();
    await page.getByRole('rowheader', { name: 'admin.console' }).waitFor();
    await page.getByLabel('Find a setting').fill('requests_per_minute');
    assert.match(page.url(), /\?find=requests_per_minute&all=yes$/);

    const file = readFileSync(gateway.file, 'utf8');
    writeFileSync(gateway.file, file.replace('requests_per_minute: 600', 'requests_per_minuet: 500'));
    await page.getByRole('button', { name: 'Read them again' }).click();
    const alert = page.getByRole('alert');
    await alert.getByText('rate_limits.user_level.requests_per_minuet').waitFor();
    await alert.getByText('did you mean').waitFor();
    await page.getByText('they were faulty').waitFor();
    await setting.getByText('600').waitFor();
    await assertSound(page, faults, 'faulty settings');

    writeFileSync(gateway.file, file.replace('requests_per_minute: 600', 'requests_per_minute: 500') + 'database: {max_connections: 7}\n');
    await page.getByRole('button', { name: 'Read them again' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText('rate_limits.user_level.requests_per_minute').waitFor();
    await dialog.getByText('database.max_connections').waitFor();
    await page.getByRole('button', { name: 'Close' }).click();
    await setting.getByText('500').waitFor();
    await page.getByLabel('Find a setting').fill('max_connections');
    await page.getByText('another value waits for a restart').waitFor();
    assert.equal((await page.content()).includes(gateway.token), false);
    assert.deepEqual(faults, []);
    await close();
  });
});
