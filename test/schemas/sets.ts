import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { SchemaSet } from '../../src/environments/schema-set.ts'
import type { InstallOptions } from '../../src/stack/cache.ts'
import { download, fluxDefinitions } from '../support/flux/definitions.ts'
import { customSchemas } from './custom.ts'

const traefik = {
  version: '3.7.13',
  checksum: 'h1:T8wy9KuaFzCkmXCqAzDy7t73pBDR1DHrJe3pqXpNXTw=',
  definitions: 'docs/content/reference/dynamic-configuration/kubernetes-crd-definition-v1.yml',
}

export async function fluxSchemas(install: InstallOptions): Promise<SchemaSet> {
  const files = await fluxDefinitions(install)
  const texts = await Promise.all(files.map(async (file) => readFile(file, 'utf8')))
  return customSchemas('Flux 2.7', texts.join('\n---\n'), {
    'kustomize.toolkit.fluxcd.io/v1': ['Kustomization'],
    'source.toolkit.fluxcd.io/v1': ['GitRepository', 'OCIRepository'],
  })
}

export async function traefikSchemas(install: InstallOptions): Promise<SchemaSet> {
  const module = `github.com/traefik/traefik/v3@v${traefik.version}`
  const directory = await download(module, traefik.checksum, install)
  const text = await readFile(join(directory, traefik.definitions), 'utf8')
  return customSchemas(`Traefik ${traefik.version}`, text, {
    'traefik.io/v1alpha1': [
      'IngressRoute',
      'IngressRouteTCP',
      'Middleware',
      'MiddlewareTCP',
      'ServersTransport',
      'TLSOption',
      'TLSStore',
    ],
  })
}

/** One definition a line: small, and a change of one of them shows as one. */
export function showSchemas({ origin, kinds, clusterScoped, definitions }: SchemaSet): string {
  const lines = Object.entries(definitions).map(
    ([name, schema]) => `    ${JSON.stringify(name)}: ${JSON.stringify(schema)}`,
  )
  return `{
  "origin": ${JSON.stringify(origin)},
  "kinds": ${JSON.stringify(kinds)},
  "clusterScoped": ${JSON.stringify(clusterScoped)},
  "definitions": {
${lines.join(',\n')}
  }
}
`
}
