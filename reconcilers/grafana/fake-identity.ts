import { identified, refused, type Refusal } from './fake-refusal.ts'

export type Role = 'Viewer' | 'Editor' | 'Admin'

/** Who asks. */
export interface Identity {
  /** As in `grafana.app/updatedBy`. */
  readonly uid: string
  /** As in the older API's `updatedBy`. */
  readonly login: string
  readonly role: Role
}

/** How it stands with a token, or with the lack of one. */
export type Credentials = 'good' | 'missing' | 'bad' | 'expired' | 'revoked' | 'other-org'

export const serviceAccount: Identity = {
  uid: 'service-account:1',
  login: 'sa-1-infometis',
  role: 'Admin',
}

export function person(name: string, role: Role = 'Admin'): Identity {
  return { uid: `user:${name}`, login: name, role }
}

/** What the older API calls the author of a write. */
export function loginOf(uid: string): string {
  if (uid === serviceAccount.uid) return serviceAccount.login
  const [, name = uid] = uid.split(':')
  return uid.startsWith('service-account:') ? `sa-${name}` : name
}

const words = {
  bad: ['api-key.invalid', 'Invalid API key'],
  expired: ['api-key.expired', 'Expired API key'],
  revoked: ['api-key.revoked', 'Revoked API key'],
  'other-org': ['api-key.organization-mismatch', 'API key does not belong to the requested organization'],
} as const

/** pkg/services/authn/clients/api_key.go@04725f2c; without credentials as seen live. */
export function unauthorized(credentials: Exclude<Credentials, 'good'>): Refusal {
  if (credentials === 'missing')
    return refused(401, 'Unauthorized', {
      ...{ extra: null, messageId: 'auth.unauthorized', statusCode: 401, traceID: '' },
    })
  const [messageId, message] = words[credentials]
  return identified(401, messageId, message)
}

/** pkg/services/accesscontrol/middleware.go@03b26ef0 */
export function accessDenied(action: string): Refusal {
  return refused(
    403,
    `You'll need additional permissions to perform this action. Permissions needed: ${action}`,
    { title: 'Access denied', accessErrorId: 'ACE0123456789' },
  )
}

const order: readonly Role[] = ['Viewer', 'Editor', 'Admin']

export function isAtLeast(role: Role, { role: own }: Identity): boolean {
  return order.indexOf(own) >= order.indexOf(role)
}
