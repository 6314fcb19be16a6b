// Builds dist/, which is committed and is what the jar serves, so that Maven needs no Node.
// With --check: builds in memory and fails when dist/ is something else, or is too large.

import { createHash } from 'node:crypto';
import { mkdir, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';

const MOST_BYTES = 150 * 1024; // all files together, as gzip sends them
const here = new URL('./', import.meta.url);
const dist = new URL('dist/', here);

/** @returns {Promise<Map<string, Buffer>>} every file by its name */
async function files() {
  const built = await build({
    absWorkingDir: new URL('.', here).pathname,
    entryPoints: { app: 'src/main.js', style: 'src/style.css' },
    bundle: true,
    minify: true,
    format: 'esm',
    target: ['es2022'],
    legalComments: 'none',
    outdir: 'dist',
    entryNames: '[name]-[hash]',
    write: false,
    logLevel: 'warning',
  });
  const found = new Map();
  const named = {};
  for (const file of built.outputFiles) {
    const name = file.path.slice(file.path.lastIndexOf('/') + 1);
    found.set(name, Buffer.from(file.contents));
    named[name.replace(/-\w+\./, '.')] = name;
  }
  const icon = await readFile(new URL('src/icon.svg', here));
  const iconName = `icon-${createHash('sha256').update(icon).digest('hex').slice(0, 8)}.svg`;
  found.set(iconName, icon);
  named['icon.svg'] = iconName;
  found.set('licences.txt', await licences());
  const page = (await readFile(new URL('src/index.html', here), 'utf8')).replace(/\{\{([\w.]+)\}\}/g, (_, name) => named[name]);
  found.set('index.html', Buffer.from(page));
  const names = [...found.keys()].sort();
  found.set('files.txt', Buffer.from(names.join('\n') + '\n'));
  return found;
}

/** The licences of what is packed in, whose terms want to be kept with it. */
async function licences() {
  const texts = await Promise.all(['lit', 'uplot'].map(async (name) => {
    const { version } = JSON.parse(await readFile(new URL(`node_modules/${name}/package.json`, here), 'utf8'));
    return `${name} ${version}\n\n${await readFile(new URL(`node_modules/${name}/LICENSE`, here), 'utf8')}`;
  }));
  return Buffer.from(texts.join('\n\n'));
}

/** @param {Map<string, Buffer>} found */
async function check(found) {
  const there = (await readdir(dist)).sort();
  const wanted = [...found.keys()].sort();
  if (there.join() !== wanted.join()) {
    throw new Error(`dist/ has ${there.join(', ')} (expected: ${wanted.join(', ')}); run npm run build`);
  }
  for (const [name, bytes] of found) {
    if (!bytes.equals(await readFile(new URL(name, dist)))) {
      throw new Error(`dist/${name} is not what the sources build; run npm run build`);
    }
  }
}

const found = await files();
const size = [...found.values()].reduce((sum, bytes) => sum + gzipSync(bytes).length, 0);
if (size > MOST_BYTES) {
  throw new Error(`the console has ${size} bytes with gzip (expected: at most ${MOST_BYTES})`);
}
if (process.argv.includes('--check')) {
  await check(found);
} else {
  await rm(dist, { recursive: true, force: true });
  await mkdir(dist);
  await Promise.all([...found].map(([name, bytes]) => writeFile(new URL(name, dist), bytes)));
}
console.log(`${found.size} files, ${size} bytes with gzip`);
