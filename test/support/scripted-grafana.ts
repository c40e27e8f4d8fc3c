import type { Wire } from '../../reconcilers/grafana/client/wire.ts'

/** A Grafana that answers by path, with status 200 where nothing else is said. */
export function scriptedGrafana(
  answers: Readonly<Record<string, { readonly status?: number; readonly body: unknown }>>,
): Wire {
  return {
    send: async ({ path }) => {
      const { status = 200, body } = answers[path] ?? { status: 404, body: { message: 'Not found' } }
      return Promise.resolve({ status, body })
    },
    close: async () => Promise.resolve(),
  }
}
