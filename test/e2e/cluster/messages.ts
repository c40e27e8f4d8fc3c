import { z } from 'zod'

/** Milliseconds after the start at which each part was ready. */
export const timings = z.record(z.string(), z.number())
export type Timings = Readonly<z.output<typeof timings>>

/** How containerd lays an image’s layers over each other. */
export const snapshotter = z.enum(['overlayfs', 'native'])
export type Snapshotter = z.output<typeof snapshotter>

/** From the process inside to its owner. */
export const report = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('ready'), timings, snapshotter }),
  /** The start, or what was ordered. */
  z.object({ kind: z.literal('failed'), message: z.string() }),
  /** A part that should run has ended by itself. */
  z.object({ kind: z.literal('ended'), message: z.string() }),
  z.object({ kind: z.literal('restarted'), ms: z.number() }),
])
export type Report = Readonly<z.output<typeof report>>

/** From the owner to the process inside. */
export const order = z.object({ kind: z.literal('restartApiServer') })
export type Order = Readonly<z.output<typeof order>>
