// Holds sign.mjs against vectors.json: node check.mjs
import { readFileSync } from 'node:fs'
import { image, signUrl } from './sign.mjs'

const vectors = JSON.parse(readFileSync(new URL('vectors.json', import.meta.url)))
for (const { key, secret, expiry, options, source, image: written, path } of vectors) {
  const expiresAt = expiry === 0 ? undefined : new Date(expiry * 1000 + 999)
  const signed = await signUrl({ key, secret, options, source, expiresAt })
  if (image(options, source) !== written || signed !== path) {
    console.error(`expected ${path}\nbut was  ${signed}`)
    process.exit(1)
  }
}
console.log(`${vectors.length} signed as they should be`)
