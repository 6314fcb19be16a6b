// Chromium, and what is true of every page.

import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { chromium } from 'playwright-core';

const CHROMIUM = process.env.CHROMIUM ?? ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(existsSync);
const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const WAIT_MS = 30_000;

const DOCS = new URL('../../docs/console', import.meta.url).pathname;

/** Where pictures are drawn: SCREENSHOTS=directory draws all there, SCREENSHOTS=docs a few anew in docs/console. */
export const DRAWN = process.env.SCREENSHOTS === 'docs' ? DOCS : process.env.SCREENSHOTS;

/** The few in the documents, by the names that they have there. */
const KEPT = {
  'overview-light': 'overview',
  'overview-dark': 'overview-dark',
  'overview-phone': 'phone',
  'users-light': 'users',
  'user-light': 'user',
  'limits-light': 'limits',
  'quotas-light': 'quotas',
  'plans-light': 'plans',
  'plan-light': 'plan',
  'blocks-light': 'blocks',
  'backends-light': 'backends',
  'routes-light': 'routes',
  'refusals-light': 'refusals',
  'usage-light': 'usage',
  'audit-light': 'audit',
  'administrators-light': 'administrators',
  'settings-light': 'settings',
};

/** Of which the documents show all that one has to scroll to. */
const WHOLE = ['overview-light', 'user-light', 'plan-light', 'usage-light', 'settings-light', 'routes-light'];

/** Why there is no browser; empty when there is one. */
export const noBrowser = CHROMIUM && existsSync(CHROMIUM) ? '' : 'no Chromium; install it: apt-get install chromium (or name another one: CHROMIUM=/path)';

export const launch = () =>
  chromium.launch({ executablePath: CHROMIUM, args: process.getuid?.() === 0 ? ['--no-sandbox'] : [] });

/** How pages are looked at. */
export const LOOKS = {
  light: { viewport: { width: 1280, height: 900 }, colorScheme: 'light' },
  dark: { viewport: { width: 1280, height: 900 }, colorScheme: 'dark' },
  phone: { viewport: { width: 390, height: 844 }, colorScheme: 'light' },
};

/**
 * A tab that notes what must not happen.
 *
 * @param {import('playwright-core').Browser} browser
 * @param {import('./gateway.mjs').Gateway} gateway
 * @param {keyof typeof LOOKS} look
 */
export async function open(browser, gateway, look = 'light', { signedIn = true, token = gateway.token } = {}) {
  const context = await browser.newContext({ ...LOOKS[look], locale: 'en-GB', timezoneId: 'UTC' });
  context.setDefaultTimeout(WAIT_MS);
  if (signedIn) {
    await context.addInitScript((token) => sessionStorage.setItem('gatehouse.token', token), token);
  }
  const page = await context.newPage();
  const faults = [];
  page.on('console', (message) => {
    // The browser itself notes every answer above 400, the expected ones too; scripts and policies have other words.
    if (['error', 'warning'].includes(message.type()) && !/Failed to load resource/.test(message.text())) {
      faults.push(`console: ${message.text()}`);
    }
  });
  page.on('pageerror', (error) => faults.push(`script: ${error}`));
  page.on('request', (request) => {
    if (!request.url().startsWith(gateway.url)) {
      faults.push(`request to elsewhere: ${request.url()}`);
    }
  });
  return { page, faults, close: () => context.close() };
}

/** @param {import('playwright-core').Page} page @param {string[]} faults @param {string} name */
export async function assertSound(page, faults, name) {
  assert.deepEqual(faults, [], name);
  assert.deepEqual(await page.evaluate(measured), [], `${name}: geometry`);
  assert.deepEqual(await inaccessible(page), [], `${name}: accessibility`);
}

/** What hangs out of its place. Runs in the page. */
function measured() {
  const faults = [];
  const root = document.documentElement;
  if (root.scrollWidth > root.clientWidth) {
    faults.push(`the page is ${root.scrollWidth} wide in ${root.clientWidth}`);
  }
  const name = (element) => `${element.tagName.toLowerCase()}.${element.getAttribute('class') ?? ''} ${(element.textContent ?? '').trim().slice(0, 30)}`;
  for (const card of document.querySelectorAll('.card, .tile, dialog[open]')) {
    const box = card.getBoundingClientRect();
    if (box.width < 80 || box.height < 30) {
      faults.push(`${name(card)} is ${box.width} x ${box.height}`);
    }
    for (const part of card.querySelectorAll('canvas, .plot, .scroll, button, input, select, textarea, .meter, h2')) {
      const inner = part.getBoundingClientRect();
      const scrolled = part.closest('.scroll') && !part.matches('.scroll');
      if (inner.width && !scrolled && (inner.left < box.left - 1 || inner.right > box.right + 1 || inner.bottom > box.bottom + 1 && !part.closest('dialog'))) {
        faults.push(`${name(part)} hangs out of ${name(card)}`);
      }
    }
  }
  for (const canvas of document.querySelectorAll('canvas')) {
    const copy = new OffscreenCanvas(canvas.width, canvas.height).getContext('2d', { willReadFrequently: true });
    copy.drawImage(canvas, 0, 0);
    const pixels = copy.getImageData(0, 0, canvas.width, canvas.height).data;
    if (!pixels.some((value) => value !== 0)) {
      faults.push('a chart is blank');
    }
  }
  return faults;
}

/** @param {import('playwright-core').Page} page */
async function inaccessible(page) {
  await page.evaluate(AXE);
  const { violations } = await page.evaluate(() => globalThis.axe.run({ rules: { 'target-size': { enabled: true } } }));
  return violations.map((each) => `${each.id}: ${each.help}: ${each.nodes.map((node) => node.html).join(' | ').slice(0, 600)}`);
}

/**
 * Draws a page or a card, if pictures are wanted.
 *
 * @param {import('playwright-core').Page | import('playwright-core').Locator} what
 * @param {string} name
 * @param {boolean} [whole] of a page: what one has to scroll to, too; in the documents of a few only
 */
export async function drawn(what, name, whole = false) {
  const file = DRAWN === DOCS ? KEPT[name] : name;
  if (DRAWN && file) {
    mkdirSync(DRAWN, { recursive: true });
    await what.screenshot({ path: `${DRAWN}/${file}.png`, ...(whole ? { fullPage: DRAWN !== DOCS || WHOLE.includes(name) } : {}) });
  }
}
