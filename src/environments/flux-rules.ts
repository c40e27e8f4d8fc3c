import {
  type Environment,
  type EnvironmentObject,
  type EnvironmentRule,
  expected,
  type Finding,
  namespaceOf,
} from './environment.ts'
import { fieldsOf, listOf, type Path } from './manifest.ts'

const fluxGroup = 'kustomize.toolkit.fluxcd.io/'

/** What Flux is told. */
export const fluxRules: readonly EnvironmentRule[] = [
  {
    code: 'FluxPathsExist',
    says: 'Flux looks at folders of its environment that exist.',
    judge: (environment) =>
      kustomizations(environment).flatMap((object) => {
        const { path } = specOf(object)
        const found = typeof path === 'string' ? environment.fluxPaths.get(path) : undefined
        if (found === 'own') return []
        const flaw =
          typeof path !== 'string'
            ? 'is missing: name a folder of this environment'
            : found === 'foreign'
              ? `leads into another environment than ${environment.name}`
              : `there is no folder ${path} with a kustomization in the repository`
        return [{ object, path: ['spec', 'path'], message: flaw }]
      }),
  },
  {
    code: 'FluxNamesExist',
    says: 'What a Kustomization of Flux depends on and reads from is there.',
    judge: (environment) =>
      kustomizations(environment).flatMap((object) => {
        const { dependsOn, sourceRef } = specOf(object)
        const needs = listOf(dependsOn).map((each, index) => ({
          kind: 'Kustomization',
          ...fieldsOf(each),
          path: ['spec', 'dependsOn', index],
        }))
        const source = { ...fieldsOf(sourceRef), path: ['spec', 'sourceRef'] }
        return [...needs, source].flatMap((each) => nameFinding(environment, object, each))
      }),
  },
  {
    code: 'FluxTargetsNamespace',
    says: 'Flux puts an environment into the namespace that it is written for.',
    judge: (environment) =>
      kustomizations(environment)
        .filter((object) => specOf(object)['targetNamespace'] !== namespaceOf(environment))
        .map((object) => ({
          object,
          path: ['spec', 'targetNamespace'],
          message: `must be ${namespaceOf(environment) ?? ''}, as \`namespace:\` in the environment's kustomization.yaml is`,
        })),
  },
]

/** The folders that Flux is told to apply. */
export function fluxPathsOf(flux: readonly EnvironmentObject[]): readonly string[] {
  const paths = flux.filter(isKustomization).map((object) => specOf(object)['path'])
  return [...new Set(paths.filter((path) => typeof path === 'string'))]
}

function kustomizations({ flux }: Environment): readonly EnvironmentObject[] {
  return flux.filter(isKustomization)
}

function isKustomization({ manifest }: EnvironmentObject): boolean {
  return manifest.kind === 'Kustomization' && manifest.apiVersion.startsWith(fluxGroup)
}

function specOf({ manifest }: EnvironmentObject): Readonly<Record<string, unknown>> {
  return fieldsOf(manifest['spec'])
}

/** What is named in another namespace is not of this environment. */
function nameFinding(
  environment: Environment,
  object: EnvironmentObject,
  named: {
    readonly kind?: unknown
    readonly name?: unknown
    readonly namespace?: unknown
    readonly path: Path
  },
): readonly Finding[] {
  const { kind, name, namespace, path } = named
  const own = object.manifest.metadata.namespace
  if (typeof name !== 'string' || (namespace !== undefined && namespace !== own)) return []
  if (expected(environment).has(`${String(kind)}/${name}`)) return []
  const same = environment.flux.filter(({ manifest }) => manifest.kind === kind).map((each) => each.manifest)
  if (same.some(({ metadata }) => metadata.name === name && metadata.namespace === own)) return []
  const known = same.map(({ metadata }) => metadata.name).join(', ')
  return [
    {
      object,
      path,
      message: `there is no ${String(kind)} ${name}; there are ${known === '' ? 'none' : known}`,
    },
  ]
}
