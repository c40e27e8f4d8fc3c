import { allowanceOf } from './allow-list.ts'
import { type Difference, differences } from './differences.ts'
import { type Environment, type EnvironmentObject, type Finding, namespaceOf } from './environment.ts'
import { groupOf, type Manifest, readPath, titleOf } from './manifest.ts'

/** A sentence that holds for environments side by side. */
export interface AcrossRule {
  readonly code: string
  readonly says: string
  readonly judge: (environments: readonly Environment[]) => readonly AcrossFinding[]
}

export interface AcrossFinding {
  readonly environment: Environment
  readonly finding: Finding
}

export const acrossRules: readonly AcrossRule[] = [
  {
    code: 'SameServices',
    says: 'Core services differ between environments in replicas, resources and storage only.',
    judge: (environments) => {
      const reference = commonest(environments)
      if (reference === undefined) return []
      return environments
        .filter((each) => each !== reference)
        .flatMap((environment) =>
          forbidden(reference, environment).flatMap((difference) =>
            findingOf(difference, reference, environment),
          ),
        )
    },
  },
  {
    code: 'OwnNamespaces',
    says: 'No two environments share a namespace.',
    judge: (environments) =>
      [...Map.groupBy(environments, namespaceOf)].flatMap(([namespace, [first, ...others]]) =>
        others.flatMap((environment) => {
          const [object] = environment.objects
          const message = `namespace ${namespace ?? ''} is that of ${first?.name ?? ''}, too: the objects of one would take the place of the other’s`
          return object === undefined || namespace === undefined
            ? []
            : [{ environment, finding: { object, path: ['metadata', 'namespace'], message } }]
        }),
      ),
  },
]

function core({ objects }: Environment): readonly Manifest[] {
  return objects.filter(({ part }) => part === 'stack').map(({ manifest }) => manifest)
}

function forbidden(reference: Environment, other: Environment): readonly Difference[] {
  return differences(core(reference), core(other)).filter((each) => allowanceOf(each) === undefined)
}

/** The environment that differs least from all others, so that the odd one is named and not the rest. */
function commonest(environments: readonly Environment[]): Environment | undefined {
  const distance = (a: Environment): number =>
    environments.reduce((sum, b) => sum + (a === b ? 0 : forbidden(a, b).length), 0)
  const ranked = environments.map((environment) => ({ environment, distance: distance(environment) }))
  return ranked.sort((a, b) => a.distance - b.distance)[0]?.environment
}

function findingOf(
  difference: Difference,
  reference: Environment,
  environment: Environment,
): readonly AcrossFinding[] {
  const object = objectOf(environment, difference)
  const way = 'core services may differ in replicas, resources and storage only'
  if (object === undefined) {
    const other = objectOf(reference, difference)
    const message = `is in ${reference.name} and not in ${environment.name}: ${way}`
    return other === undefined ? [] : [{ environment, finding: { object: other, path: [], message } }]
  }
  const path = readPath(object.manifest, difference.path)
  const message =
    difference.path === ''
      ? `is in ${environment.name} and not in ${reference.name}: ${way}`
      : `is ${shown(difference.other)} in ${environment.name} and ${shown(difference.reference)} in ${reference.name}: ${way}`
  return [{ environment, finding: { object, path, message } }]
}

function objectOf({ objects }: Environment, { object, group }: Difference): EnvironmentObject | undefined {
  return objects.find(({ manifest }) => titleOf(manifest) === object && groupOf(manifest) === group)
}

function shown(value: unknown): string {
  if (value === undefined) return 'not there'
  const text = JSON.stringify(value)
  return text.length > 60 ? `${text.slice(0, 57)}…` : text
}
