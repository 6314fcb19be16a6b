// Every page in every look: no error, nothing from elsewhere, nothing that hangs out, no fault that axe knows.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import { assertSound, drawn, DRAWN, launch, LOOKS, noBrowser, open } from './browser.mjs';
import { Gateway, noGateway } from './gateway.mjs';

/** Cards that are drawn alone, too: which of a page, and their names. */
const CARDS = { 'held-back': [['gh-limits', 'limits']], 'user': [['gh-quotas', 'quotas']] };

/** Their names, where they are, and what is there when they are whole. */
const PAGES = [
  ['overview', '/overview', (page) => page.locator('gh-overview canvas').nth(1)],
  ['users', '/users', (page) => page.getByRole('link', { name: 'globex-web' })],
  ['user', '/users/{alice}', (page) => page.locator('gh-quotas canvas')],
  ['held-back', '/users/{bob}', (page) => page.locator('gh-limits .meter').first()],
  ['key', '/keys/{website}', (page) => page.locator('gh-key-quotas .meter').first()],
  ['usage', '/usage/{alice}?span=0', (page) => page.locator('gh-usage canvas').nth(1)],
  ['tenant', '/tenants/acme', (page) => page.getByText('900 in 1m')],
  ['plans', '/plans', (page) => page.getByRole('link', { name: 'For professionals', exact: true })],
  ['plan', '/plans/pro', (page) => page.getByRole('link', { name: 'umbrella' })],
  ['blocks', '/blocks', (page) => page.getByRole('rowheader', { name: '203.0.113.0/24' })],
  ['administrators', '/administrators', (page) => page.getByRole('rowheader', { name: 'Olga' })],
  ['settings', '/settings', (page) => page.getByRole('rowheader', { name: 'quotas.requests_per_day' })],
  ['refusals', '/refusals', (page) => page.getByRole('button', { name: /^Explain GET/ }).nth(8)],
  ['backends', '/backends', (page) => page.getByText('unhealthy')],
  ['audit', '/audit', (page) => page.getByRole('button', { name: /^Show addUser/ }).first()],
];

/** Where dialogs are, and the buttons that open them. */
const DIALOGS = [
  ...['Change the limits', 'Change the quotas', 'Change: Networks', 'Change the plan', 'Make a key', 'Rotate website'].map((button) => ['/users/{bob}', button]),
  ['/keys/{website}', 'Change the quotas of the key'],
  ['/users/{umbrella}', 'Take the scheduled change back'],
  ['/plans', 'Make a plan'],
  ['/plans/pro', 'Put a user on it'],
  ['/blocks', 'Block somebody'],
  ['/blocks', 'Change the block of 203.0.113.0/24'],
  ['/administrators', 'Add an administrator'],
];

describe('pages', { skip: noBrowser || noGateway || false }, () => {
  let gateway;
  let browser;

  before(async () => {
    gateway = await Gateway.start();
    await gateway.populate();
    gateway.traffic();
    browser = await launch();
  });

  after(async () => {
    await browser?.close();
    await gateway?.stop();
  });

  test('the jar serves what is in dist', async () => {
    const page = await (await fetch(`${gateway.url}/_/`)).text();

    assert.equal(page, readFileSync(new URL('../dist/index.html', import.meta.url), 'utf8'), 'build the jar again');
  });

  for (const look of Object.keys(LOOKS)) {
    test(`the first page, ${look}`, async () => {
      const { page, faults, close } = await open(browser, gateway, look, { signedIn: false });
      await page.goto(`${gateway.url}/_/`);
      await page.getByText('cat data/admin-token').waitFor();

      await assertSound(page, faults, 'sign-in');
      await drawn(page, `sign-in-${look}`);
      await close();
    });

    for (const [name, path, whole] of PAGES) {
      test(`${name}, ${look}`, async () => {
        const { page, faults, close } = await open(browser, gateway, look);
        await page.goto(`${gateway.url}/_/#${path.replace(/\{(\w+)\}/, (_, user) => gateway.users[user])}`);
        await whole(page).waitFor();
        if (name === 'overview' && DRAWN) {
          await page.waitForFunction(() => document.querySelector('gh-overview').figures.length > 30, undefined, { timeout: 60_000 });
        }

        await assertSound(page, faults, name);
        await drawn(page, `${name}-${look}`, true);
        await Promise.all((CARDS[name] ?? []).map(([card, alone]) => drawn(page.locator(card), `${alone}-${look}`)));
        await close();
      });
    }
  }

  test('charts as tables, and dialogs', async () => {
    const { page, faults, close } = await open(browser, gateway);
    await page.goto(`${gateway.url}/_/#/overview`);
    await page.locator('gh-overview canvas').first().waitFor();
    await page.getByRole('button', { name: 'Table: Requests a second' }).click();
    await page.getByRole('region', { name: 'Requests a second, as a table' }).waitFor();
    await assertSound(page, faults, 'table');

    for (const [path, button] of DIALOGS) {
      await page.goto(`${gateway.url}/_/#${path.replace(/\{(\w+)\}/, (_, user) => gateway.users[user])}`);
      await page.getByRole('button', { name: button }).click();
      await page.getByRole('dialog').waitFor();
      await assertSound(page, faults, button);
      await drawn(page, `dialog-${button.toLowerCase().replaceAll(/\W+/g, '-')}`);
      await page.keyboard.press('Escape');
    }
    await close();
  });
});
