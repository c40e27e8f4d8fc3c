import { own } from '../../../src/core/json.ts'

/** A token, and when to get the next one. */
export interface Token {
  readonly text: string
  /** By performance.now(). Infinity: it does not say when it ends. */
  readonly renewAt: number
}

/** Part of its life after which a token is got anew, so that none ends in the middle of a request. */
const part = 0.8

/** By the token's own account of how long it lives: what the server's clock shows does not matter. `now`: performance.now(). */
export function readToken(text: string, now: number): Token {
  const claims = claimsOf(text)
  const [exp, iat] = [own(claims, 'exp'), own(claims, 'iat')]
  if (typeof exp !== 'number') return { text, renewAt: Infinity }
  const issued = typeof iat === 'number' ? iat : Date.now() / 1_000
  return { text, renewAt: now + Math.max(0, exp - issued) * 1_000 * part }
}

function claimsOf(text: string): unknown {
  const [, payload = ''] = text.split('.')
  try {
    return JSON.parse(Buffer.from(payload, 'base64url').toString('utf8'))
  } catch {
    return undefined
  }
}
