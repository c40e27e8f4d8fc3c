import { z } from 'zod'
import type { Resource } from '../../src/core/resource.ts'
import type { ResourceType } from '../../src/reconcile/resource-type.ts'
import type { ServiceClient } from '../../src/reconcile/service-client.ts'
import { ServiceReconciler } from '../../src/reconcile/service-reconciler.ts'

/** A config type with a definition: `{size, content: {title, …}}`, or `content: {key: NAME}`. */
export const boards: ResourceType<
  Resource,
  { size?: number | undefined; content?: { title: string } | undefined }
> = {
  name: 'boards',
  entryName: z.string(),
  schema: z.strictObject({
    size: z.int('must be a whole number').optional(),
    content: z.looseObject({ title: z.string('must be a text') }).optional(),
  }),
  definition: 'content',
  normalize: (name, { content }) => ({
    type: 'boards',
    name,
    fields: new Map([['content', JSON.stringify(content ?? null)]]),
  }),
  toWritten: () => undefined,
  rules: [],
}

/** A service of boards, for what reads documents and asks no service. */
export class BoardsReconciler extends ServiceReconciler {
  readonly kind = 'fake'
  readonly types = [boards, { ...boards, name: 'folders' }]
  readonly settings = z.unknown()

  connect(): ServiceClient<Resource> {
    throw new Error('no test asks this service')
  }
}
