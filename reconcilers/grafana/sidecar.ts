import { textAt } from '../../src/core/members.ts'
import type { FilesShape, ShapedFile } from '../../src/reconcile/files-shape.ts'

/**
 * The ConfigMaps that k8s-sidecar (kiwigrid) feeds to Grafana's file provisioning: one dashboard a file. Its label and annotations by
 * the defaults of the Grafana chart and of kube-prometheus-stack (`sidecar.dashboards.label`, `folderAnnotation`).
 */
export const sidecar: FilesShape = {
  label: 'grafana_dashboard',
  annotations: ['grafana_folder', 'k8s-sidecar-target-directory'],
  entry: ({ key, content, annotations }) => {
    if (key.endsWith('.url'))
      return {
        message:
          'names an address to be downloaded; put the dashboard itself here, so that Git has what is applied',
      }
    const folder = folderOf(annotations)
    return { name: uidOf({ key, content, annotations }), value: folder === '' ? {} : { folder } }
  },
}

const uid = /^[\w-]{1,40}$/

/** The dashboard's own uid, else one made of the file's name: always the same. */
function uidOf({ key, content }: ShapedFile): string {
  const own = [['uid'], ['metadata', 'name'], ['dashboard', 'uid']].map((path) => textAt(content, ...path))
  return own.find((each) => uid.test(each)) ?? slug(key.replace(/\.(json|ya?ml)$/i, ''))
}

/** The sidecar's annotation holds a title or a directory; `General` is the top, which has no uid. */
function folderOf(annotations: ShapedFile['annotations']): string {
  const written = annotations['grafana_folder'] ?? annotations['k8s-sidecar-target-directory'] ?? ''
  const last = written.split('/').findLast((part) => part.trim() !== '') ?? ''
  const folder = slug(last)
  return folder === 'general' ? '' : folder
}

function slug(text: string): string {
  return text
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[^a-z0-9_]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 40)
}
