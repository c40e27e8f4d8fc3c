import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { addresses, type Plan, ports } from './plan.ts'

export const corednsFile = join(import.meta.dirname, 'coredns.yaml')

/** Where the API server is. It keeps no record itself: that would hold up its restarts. */
export function apiEndpoints(): object {
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: {
      name: 'kubernetes',
      namespace: 'default',
      labels: { 'kubernetes.io/service-name': 'kubernetes' },
    },
    addressType: 'IPv4',
    endpoints: [{ addresses: [addresses.node], conditions: { ready: true } }],
    ports: [{ name: 'https', port: ports.api, protocol: 'TCP' }],
  }
}

/** The default StorageClass. Its volumes are made beforehand, and a claim has one when its pod is scheduled. */
export function storageClass(): object {
  return {
    apiVersion: 'storage.k8s.io/v1',
    kind: 'StorageClass',
    metadata: { name: 'standard', annotations: { 'storageclass.kubernetes.io/is-default-class': 'true' } },
    provisioner: 'kubernetes.io/no-provisioner',
    volumeBindingMode: 'WaitForFirstConsumer',
    reclaimPolicy: 'Retain',
  }
}

/**
 * Volumes of kind `local`: unlike hostPath, kubelet gives them the pod’s fsGroup, as it does with a cloud’s disks. They belong to
 * root and to nobody else until then.
 */
export async function makeVolumes({ directory, volumes }: Plan): Promise<readonly object[]> {
  const names = Array.from({ length: volumes }, (_, index) => `volume-${String(index + 1).padStart(3, '0')}`)
  const at = (name: string): string => join(directory, 'volumes', name)
  await Promise.all(names.map(async (name) => mkdir(at(name), { recursive: true, mode: 0o755 })))
  const here = { key: 'kubernetes.io/hostname', operator: 'In', values: [addresses.nodeName] }
  return names.map((name) => ({
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: { name },
    spec: {
      // No more than a word: what may be written is what the disk has.
      capacity: { storage: '1Ti' },
      accessModes: ['ReadWriteOnce', 'ReadOnlyMany', 'ReadWriteMany'],
      persistentVolumeReclaimPolicy: 'Retain',
      storageClassName: 'standard',
      local: { path: at(name) },
      nodeAffinity: { required: { nodeSelectorTerms: [{ matchExpressions: [here] }] } },
    },
  }))
}
