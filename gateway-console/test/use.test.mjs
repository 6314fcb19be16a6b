// What people do with it, with the keyboard and the mouse.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { launch, noBrowser, open } from './browser.mjs';
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

  const at = async (path, look) => {
    const tab = await open(browser, gateway, look);
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
    await page.getByRole('heading', { name: 'Users' }).waitFor();
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
});
