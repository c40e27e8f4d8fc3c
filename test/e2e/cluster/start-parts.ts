import { z } from 'zod'
import { ReconcileError } from '../../../src/errors.ts'
import type { Launch } from '../../../src/stack/child.ts'
import { waitUntil } from '../../../src/stack/deadline.ts'
import { kubectlFor, type Kubectl } from '../../../src/stack/kubectl.ts'
import type { Server } from '../../../src/stack/server.ts'
import { apiEndpoints, corednsFile, makeVolumes, storageClass } from './add-ons.ts'
import { lookAt, type Look } from './api.ts'
import { containerd, loadImage } from './containerd.ts'
import { apiServer, controllerManager, etcd, scheduler } from './control-plane.ts'
import { createKeys, type Keys } from './keys.ts'
import { kubeProxy } from './kube-proxy.ts'
import { kubelet } from './kubelet.ts'
import type { Snapshotter } from './messages.ts'
import type { Parts } from './parts.ts'
import { markName, paths, type Plan } from './plan.ts'
import { chooseSnapshotter, prepareSurroundings } from './surroundings.ts'

/** What is needed of a cluster later. */
export interface Started {
  readonly api: Server
  readonly snapshotter: Snapshotter
}

/** Starts everything; to be called inside the namespaces. Resolves when pods run, and names resolve. */
export async function startParts(plan: Plan, parts: Parts): Promise<Started> {
  const launch: Launch = { env: { PATH: plan.path, HOME: plan.directory, [markName]: plan.id } }
  await parts.timed('network and mounts', prepareSurroundings(plan))
  const [{ api, keys, look }, snapshotter] = await Promise.all([
    startApi(plan, parts, launch),
    startContainers(plan, parts, launch),
  ])
  const kubectl = kubectlFor({
    binary: plan.programs.kubectl,
    kubeconfig: paths.kubeconfig(plan.directory, 'admin'),
    path: plan.path,
    home: plan.directory,
  })
  await Promise.all([
    addOns(plan, kubectl, look),
    parts.up(controllerManager(plan, keys, look, launch)),
    parts.up(scheduler(plan, launch)),
    parts.up(await kubelet(plan, keys, look, launch)),
    parts.up(await kubeProxy(plan, launch)),
  ])
  await parts.timed('coredns', corednsReady(look, kubectl))
  return { api, snapshotter }
}

async function startApi(
  plan: Plan,
  parts: Parts,
  launch: Launch,
): Promise<{ readonly api: Server; readonly keys: Keys; readonly look: Look }> {
  const [keys] = await Promise.all([
    parts.timed('certificates', createKeys(plan)),
    parts.up(etcd(plan, launch)),
  ])
  const api = await parts.up(apiServer(plan, keys, launch))
  return { api, keys, look: await lookAt(keys) }
}

async function startContainers(plan: Plan, parts: Parts, launch: Launch): Promise<Snapshotter> {
  const snapshotter = await chooseSnapshotter(plan)
  await parts.up(await containerd(plan, snapshotter, launch))
  const load = async (): Promise<void> => {
    for (const image of plan.images) await loadImage({ ...plan, snapshotter }, image)
  }
  await parts.timed('images', load())
  return snapshotter
}

async function addOns(plan: Plan, kubectl: Kubectl, look: Look): Promise<void> {
  const namespace = '/api/v1/namespaces/kube-system'
  const exists = async (signal: AbortSignal): Promise<boolean> =>
    (await look(namespace, signal)) !== undefined
  await waitUntil(exists, { what: 'the namespace kube-system', deadlineMs: 30_000 })
  await kubectl(['create', '-f', corednsFile])
  const items = [apiEndpoints(), storageClass(), ...(await makeVolumes(plan))]
  await kubectl(['create', '-f', '-'], JSON.stringify({ apiVersion: 'v1', kind: 'List', items }))
}

const deployment = z.object({ status: z.object({ availableReplicas: z.number().optional() }) })

async function corednsReady(look: Look, kubectl: Kubectl): Promise<void> {
  const path = '/apis/apps/v1/namespaces/kube-system/deployments/coredns'
  const available = async (signal: AbortSignal): Promise<boolean> => {
    const { data } = deployment.safeParse(await look(path, signal))
    return data?.status.availableReplicas === 1
  }
  await waitUntil(available, { what: 'CoreDNS', deadlineMs: 120_000 }).catch(async (cause: unknown) => {
    const events = await kubectl(['get', 'events', '--namespace', 'kube-system'])
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new ReconcileError('StackFailed', `${why}; what happened in kube-system:\n${events}`, { cause })
  })
}
