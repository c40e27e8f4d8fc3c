import { type Service, services } from '../../reconcilers/index.ts'
import { readSettings } from '../config.ts'
import { simulatedAt } from '../stack/services.ts'
import { ExitError, ReconcileError } from '../errors.ts'
import type { ResourceType } from '../reconcile/resource-type.ts'
import type { ServiceClient } from '../reconcile/service-client.ts'
import type { ServiceReconciler } from '../reconcile/service-reconciler.ts'
import type { Resource } from '../core/resource.ts'
import type { Context } from './context.ts'
import { unknown } from './nearest.ts'

/** In the order in which people are told of them. */
export const serviceNames: readonly string[] = Object.keys(services)

export function isService(name: string): boolean {
  return Object.hasOwn(services, name)
}

/** What is known of a service without loading it. Throws ExitError 1 naming the known ones. */
export function serviceNamed(name: string): Service {
  const service = isService(name) ? services[name] : undefined
  if (service === undefined) throw new ExitError(1, unknown('service', name, serviceNames))
  return service
}

/** True where the user's own settings say where it is. What a stack of before simulated, and a shell still knows, is not the user's. */
export function isGiven(name: string, env: Context['env']): boolean {
  const { setting } = serviceNamed(name).address
  const address = env[setting] ?? ''
  return address !== '' && address !== env[simulatedAt(setting)]
}

/** Those that the local stack has where nothing else is asked for. */
export function usualServices(env: Context['env']): readonly string[] {
  return serviceNames.filter((name) => serviceNamed(name).simulated !== true || isGiven(name, env))
}

/** The option of `infometis up` that chooses the port of a service. */
export function portOption(name: string): string {
  return `--${name}-port`
}

/** The reconciler of a service, loaded now. Throws ExitError 1 naming the known ones. */
export async function loadService(name: string): Promise<ServiceReconciler> {
  return serviceNamed(name).reconciler()
}

/** Every service there is, for what goes by config type. */
export async function loadServices(): Promise<readonly ServiceReconciler[]> {
  return Promise.all(serviceNames.map(loadService))
}

export type Connect = (service: ServiceReconciler, env: Context['env']) => ServiceClient<Resource>

/** A client of the live service that the environment names. Throws ExitError 1 naming each setting that is missing or wrong. */
export const connect: Connect = (service, env) => {
  try {
    return service.connect(readSettings(service.settings, env))
  } catch (error) {
    if (!(error instanceof ReconcileError) || error.reason !== 'InvalidConfiguration') throw error
    throw new ExitError(
      1,
      `${error.message}\n  → with the local stack: eval "$(infometis env)"; else set it to where ${service.kind} is`,
    )
  }
}

export interface TypeOfService {
  readonly service: ServiceReconciler
  readonly type: ResourceType<Resource>
}

export function findType(services: readonly ServiceReconciler[], name: string): TypeOfService | undefined {
  return services
    .flatMap((service) => service.types.map((type) => ({ service, type })))
    .find(({ type }) => type.name === name)
}

export function typeNames(services: readonly ServiceReconciler[]): readonly string[] {
  return services.flatMap((service) => service.types.map((type) => type.name)).sort()
}
