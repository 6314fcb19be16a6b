// Real gateways: with their demo, some users more, and something going on; or of a file of settings.

import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const JAR = process.env.GATEHOUSE_JAR ?? new URL('../../gateway-jetty/target/gatehouse.jar', import.meta.url).pathname;
const JAVA = process.env.JAVA_HOME ? `${process.env.JAVA_HOME}/bin/java` : 'java';
const EVERY_MS = 40;

/** Without what a gateway would take for its settings. */
const ENVIRONMENT = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('GATEHOUSE_')));

/** So much of what it says last is told when it does not start. */
const MOST_TOLD = 4000;

const PICTURES = ['sunset', 'city', 'portrait'];

/** Why no gateway can be started; empty when one can. */
export const noGateway = existsSync(JAR) ? '' : `${JAR} is not there; build it: ./mvnw -q -DskipTests package`;

export class Gateway {
  /** @param {import('node:child_process').ChildProcess} process @param {any} demo */
  constructor(process, demo) {
    this.process = process;
    this.url = demo.proxy.replace(/\/$/, '');
    this.token = demo.admin_token;
    this.keys = [demo.key];
    this.users = {};
  }

  static start() {
    return Gateway.run(['demo', '--port', '0']);
  }

  /**
   * One with a file of settings, in a directory of its own; its path is in `file`.
   *
   * @param {string} settings YAML
   */
  static async of(settings) {
    const directory = mkdtempSync(join(tmpdir(), 'gatehouse-console-'));
    const file = join(directory, 'gatehouse.yaml');
    writeFileSync(file, `server: {host: 127.0.0.1, port: 0}\ndata_dir: ${join(directory, 'data')}\n${settings}`);
    const gateway = await Gateway.run(['--config', file]);
    gateway.directory = directory;
    gateway.file = file;
    return gateway;
  }

  /** @param {string[]} command */
  static async run(command) {
    const process = spawn(JAVA, ['-jar', JAR, ...command, '--output', 'json'], { stdio: ['ignore', 'pipe', 'pipe'], env: ENVIRONMENT });
    let text = '';
    let told = '';
    process.stderr.on('data', (chunk) => (told = (told + chunk).slice(-MOST_TOLD)));
    for await (const chunk of process.stdout) {
      text += chunk;
      try {
        return new Gateway(process, JSON.parse(text));
      } catch {
        // There is more to come.
      }
    }
    throw new Error(`the gateway ended before it was ready: ${text}${told}`);
  }

  /**
   * Makes somebody with a role, and gives their token.
   *
   * @param {string} name
   * @param {string} role
   * @param {string} [tenant]
   */
  async administrator(name, role, tenant) {
    return (await this.admin('POST', '/administrators', { name, role, ...(tenant ? { tenant } : {}) })).token;
  }

  /** @param {string} method @param {string} path @param {unknown} [body] */
  async admin(method, path, body) {
    const response = await fetch(`${this.url}/api/v1${path}`, {
      method,
      headers: { 'Authorization': `Bearer ${this.token}`, ...(body ? { 'Content-Type': 'application/json' } : {}) },
      body: body ? JSON.stringify(body) : undefined,
    });
    if (!response.ok) {
      throw new Error(`${method} ${path}: ${await response.text()}`);
    }
    return response.status === 204 ? null : response.json();
  }

  /** Users of all kinds: one who is well off, one who is held back, one who is nearly through, one who is switched off. */
  async populate() {
    for (const [name, tenant] of [['alice', 'acme'], ['bob', 'acme'], ['globex-web', 'globex'], ['initech', null], ['umbrella', null]]) {
      const user = await this.admin('POST', '/users', { name, tenant });
      const key = await this.admin('POST', '/keys', { user: user.id, name: 'website', scopes: name === 'bob' ? ['GET /insecure/'] : [] });
      this.users[name] = user.id;
      if (name === 'bob') {
        this.users.website = key.id;
        await this.admin('PUT', `/keys/${key.id}/quotas`, { quotas: [{ meter: 'requests', window: 'day', most: 900 }] });
      }
      this.keys.push(key.key);
    }
    const { alice, bob, initech, umbrella } = this.users;
    await this.admin('PUT', '/plans/free', { title: 'Free', limits: { user: [{ permits: 300, period: '1m' }] }, quotas: [{ meter: 'requests', window: 'day', most: 5000 }], scopes: ['GET'] });
    await this.admin('PUT', '/plans/pro', {
      title: 'For professionals',
      limits: { user: [{ permits: 100, period: '1s', burst: 200 }, { algorithm: 'concurrency', permits: 40 }], key: [] },
      quotas: [{ meter: 'requests', window: 'month', most: 1_000_000 }, { meter: 'bytes', window: 'month', most: 50_000_000_000, beyond: 'overage', cap: null }],
      options: { max_pixels: '50000000', support: 'within a day' },
    });
    await this.admin('PUT', `/users/${this.users['globex-web']}/plan`, { plan: 'pro' });
    await this.admin('PUT', `/users/${umbrella}/plan`, { plan: 'free' });
    await this.admin('PUT', `/users/${umbrella}/plan`, { plan: 'pro', at: new Date(Date.now() + 9 * 86_400_000).toISOString() });
    await this.admin('PUT', '/tenants/acme/limits', { limits: [{ permits: 900, period: '1m' }] });
    await this.administrator('Olga', 'operator');
    await this.administrator('Acme', 'tenant', 'acme');
    await this.block('network', '203.0.113.0/24', 'A scraper, asked about on Monday', 'enforced', 30);
    await this.block('network', '198.51.100.23', 'Tries keys', 'shadow', 1);
    await this.block('user', initech, 'Has not paid', 'shadow', null);
    await this.admin('PUT', `/users/${bob}/limits`, { limits: [{ permits: 60, period: '1m', burst: 20 }, { algorithm: 'concurrency', permits: 10 }] });
    await this.admin('PUT', `/users/${alice}/quotas`, { quotas: [
      { meter: 'requests', window: 'day', most: 2000 },
      { meter: 'bytes', window: 'month', most: 500_000_000 },
      { meter: 'requests', window: 'month', most: 40_000, beyond: 'overage', cap: 60_000 },
    ] });
    await this.admin('PUT', `/users/${alice}/whitelist`, { networks: ['10.0.0.0/8', '127.0.0.1', '2001:db8::/32'] });
    await this.admin('PUT', `/users/${initech}/quotas`, { quotas: [{ meter: 'requests', window: 'day', most: 25 }] });
    await this.admin('PATCH', `/users/${umbrella}`, { enabled: false });
    await this.admin('PUT', '/backends', { url: 'http://127.0.0.1:9', weight: 20, health_check_interval: '5s' });
  }

  /**
   * @param {string} kind
   * @param {string} value
   * @param {string} reason
   * @param {string} enforcement
   * @param {number | null} days
   */
  block(kind, value, reason, enforcement, days) {
    const expires_at = days === null ? null : new Date(Date.now() + days * 86_400_000).toISOString();
    return this.admin('POST', '/blocks', { kind, value, reason, enforcement, expires_at });
  }

  /** Sends requests from now on: of all users, some with a wrong key, some without. */
  traffic() {
    let turn = 0;
    this.clock = setInterval(() => {
      const i = turn++;
      const target = `/insecure/rs:fit:${40 + (i % 7) * 10}:60/plain/local:///${PICTURES[i % 3]}.jpg`;
      const key = i % 23 === 0 ? 'gk_demo_nobody' : this.keys[i % this.keys.length];
      fetch(this.url + target, { headers: i % 37 === 0 ? {} : { 'X-API-Key': key } }).then((response) => response.arrayBuffer()).catch(() => {});
    }, EVERY_MS);
  }

  async stop() {
    clearInterval(this.clock);
    const over = new Promise((done) => this.process.once('exit', done));
    this.process.kill();
    await over;
    if (this.directory) {
      rmSync(this.directory, { recursive: true });
    }
  }
}
