// Signs URLs of pictures for Gatehouse, as docs/images.md says. For browsers and node, without dependencies.
//
//   import { signUrl } from './sign.mjs'
//   const url = await signUrl({
//     key: '4fzyo82mvyr9', secret: process.env.SIGNING_SECRET,
//     options: 'rs:fit:300:200', source: 'local:///a.jpg',
//     expiresAt: new Date(Date.now() + 3600_000),
//     below: 'https://img.example.com/i'
//   })
//
// Whoever has the secret can sign: sign on a server, and not in a page that others open.

const text = new TextEncoder()

/** The base64url of bytes, or of the UTF-8 of a string, without padding. */
export function base64url(value) {
  const bytes = typeof value === 'string' ? text.encode(value) : new Uint8Array(value)
  let binary = ''
  for (const byte of bytes) binary += String.fromCharCode(byte)
  return btoa(binary).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')
}

/** Options and a source as they stand in a path. */
export function image(options, source) {
  return options === '' ? base64url(source) : `${options}/${base64url(source)}`
}

/** The four lines that are signed. `expiry` is in seconds since 1970; 0: no end. */
export function lines(key, expiry, image) {
  return `gatehouse-url-v1\n${key}\n${expiry}\n${image}`
}

/** The signature of an image, by HMAC-SHA-256. */
export async function signature(key, secret, expiry, image) {
  const hmac = { name: 'HMAC', hash: 'SHA-256' }
  const imported = await crypto.subtle.importKey('raw', text.encode(secret), hmac, false, ['sign'])
  return base64url(await crypto.subtle.sign('HMAC', imported, text.encode(lines(key, expiry, image))))
}

/**
 * A signed URL.
 *
 * @param {object} wanted
 * @param {string} wanted.key the id of the API key
 * @param {string} wanted.secret a signing secret of that key, as it was shown
 * @param {string} [wanted.options] of imgproxy, with slashes between them
 * @param {string} wanted.source where the picture is
 * @param {Date} [wanted.expiresAt] otherwise it has no end, which the gateway must allow
 * @param {string} [wanted.below] what it begins with
 */
export async function signUrl({ key, secret, options = '', source, expiresAt, below = '/i' }) {
  const expiry = expiresAt === undefined ? 0 : Math.floor(expiresAt.getTime() / 1000)
  const rest = image(options, source)
  return `${below}/${key}/${expiry}/${await signature(key, secret, expiry, rest)}/${rest}`
}
