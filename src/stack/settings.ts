import { homedir } from 'node:os'
import { join } from 'node:path'
import { z } from 'zod'
import { readSettings } from '../config.ts'

/** The local stack's settings, by environment variable. */
export const stackSettings = z.object({
  INFOMETIS_CACHE: z
    .string()
    .optional()
    .describe('Where installed components are kept. Default: ~/.cache/infometis.'),
  INFOMETIS_STACK_DIR: z
    .string()
    .optional()
    .describe('The run directory of the stack. Default: stack in the cache.'),
  KUBEBUILDER_ASSETS: z
    .string()
    .optional()
    .describe('A directory with etcd, kube-apiserver and kubectl to use instead of building them.'),
  JAVA_HOME: z
    .string()
    .optional()
    .describe('The Java to run services with. Default: java on the PATH, or one beside it that suits.'),
  PATH: z.string().default('').describe('Where programs are looked for.'),
})

/** Every directory and program path the stack needs, absolute. */
export interface StackPlaces {
  readonly cache: string
  readonly runDirectory: string
  readonly kubebuilderAssets: string | undefined
  readonly javaHome: string | undefined
  readonly path: string
}

/** The settings, with their defaults worked out. */
export function stackPlaces(settings = readSettings(stackSettings)): StackPlaces {
  const cache = settings.INFOMETIS_CACHE ?? join(homedir(), '.cache', 'infometis')
  return {
    cache,
    runDirectory: settings.INFOMETIS_STACK_DIR ?? join(cache, 'stack'),
    kubebuilderAssets: settings.KUBEBUILDER_ASSETS,
    javaHome: settings.JAVA_HOME,
    path: settings.PATH,
  }
}
