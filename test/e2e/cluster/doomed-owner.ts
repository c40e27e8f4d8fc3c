import { testLaunch, testPlaces } from '../../support/places.ts'
import { startCluster } from './cluster.ts'

/** A program for a test to kill: starts a cluster, in which CoreDNS is a pod that runs, prints how to get inside, and waits. */
const [directory] = process.argv.slice(2)
if (directory === undefined) throw new Error('usage: doomed-owner DIRECTORY')
const cluster = await startCluster({ places: testPlaces(), launch: testLaunch(), directory })
process.stdout.write(`${JSON.stringify(cluster.inside)}\n`)
process.stdin.resume()
