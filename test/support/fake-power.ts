import type { Bystander } from '../contract/subject.ts'

/** A fake that can be made to answer nothing. */
interface Switchable {
  down: boolean
  inject(fault: { readonly kind: 'hang'; readonly times: number }): void
  heal(): void
}

/** The service of a contract that is a fake goes away and comes back, or hangs. */
export function powerOf(fake: Switchable): Pick<Bystander, 'down' | 'up' | 'freeze' | 'thaw'> {
  return {
    down: async () => {
      fake.down = true
    },
    up: async () => {
      fake.down = false
    },
    freeze: async () => fake.inject({ kind: 'hang', times: Infinity }),
    thaw: async () => fake.heal(),
  }
}
