import type { Launch } from '../../src/stack/child.ts'
import { stackPlaces, type StackPlaces } from '../../src/stack/settings.ts'

/** The cache is shared with the user's own stack: it is the same software, installed once. */
export function testPlaces(): StackPlaces {
  return stackPlaces()
}

/** Processes that end with the test, even when the test is killed. */
export function testLaunch(): Launch {
  return { env: { PATH: testPlaces().path }, diesWithParent: true }
}

/** The same with a mark in the environment of everything that the launch starts. */
export function marked(): { readonly mark: string; readonly launch: Launch } {
  const [name, value] = ['INFOMETIS_TEST', crypto.randomUUID()]
  const { env, ...rest } = testLaunch()
  return { mark: `${name}=${value}`, launch: { ...rest, env: { ...env, [name]: value } } }
}
