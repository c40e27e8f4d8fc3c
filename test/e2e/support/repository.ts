/** Labels of the services whose images cannot be had here: nothing stands in for them. Grafana’s simulated API is no Grafana, so not it either. */
const withoutImage = ['nifi', 'grafana', 'prometheus']

/** What is desired of services without an image, and the bases of it: nobody would answer for them. */
const withoutService = [
  'labelSelector: infometis.component in (nifi,grafana)',
  'name: nifi-.*-base',
  'name: grafana-.*-base',
]

const taken = 'apiVersion: v1\nkind: Any\nmetadata:\n  name: any\n$patch: delete\n'
const indented = (text: string, by: number): string => text.replace(/^(?=.)/gm, ' '.repeat(by))

/** A folder of dev without what these select. */
function without(folder: string, targets: readonly string[]): string {
  const patches = targets.map(
    (target) => `  - target:
      ${target}
    patch: |
${indented(taken, 6)}`,
  )
  return `apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
resources:
  - ../../dev/${folder}
patches:
${patches.join('')}`
}

/**
 * What a team adds to this project's deploy/ and environments/ in its own Git for this suite: environments/dev without the services
 * that have no image here, and Flux pointed at that. Everything else is environments/dev, unchanged.
 */
export const overlay: ReadonlyMap<string, string> = new Map([
  [
    'environments/e2e/services/kustomization.yaml',
    without('stack/services', [`labelSelector: app.kubernetes.io/name in (${withoutImage.join(',')})`]),
  ],
  [
    'environments/e2e/operator/kustomization.yaml',
    without('stack/operator', ['labelSelector: app.kubernetes.io/component in (nifi,grafana)']),
  ],
  ['environments/e2e/desired/kustomization.yaml', without('desired', withoutService)],
  [
    'environments/e2e/flux/kustomization.yaml',
    `apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
resources:
  - ../../dev/flux
patches:
  - target:
      kind: Kustomization
      name: infometis-services
    patch: |
      - op: replace
        path: /spec/path
        value: ./environments/e2e/services
  - target:
      kind: Kustomization
      name: infometis-operator
    patch: |
      - op: replace
        path: /spec/path
        value: ./environments/e2e/operator
  # So that the scenario in which nobody reconciles need not wait for minutes.
  - target:
      kind: Kustomization
      name: infometis-desired
    patch: |
      - op: replace
        path: /spec/path
        value: ./environments/e2e/desired
      - op: replace
        path: /spec/timeout
        value: 30s
  # The border is Traefik, which has no image here.
  - target:
      kind: Kustomization
      name: infometis-border
    patch: |
      apiVersion: kustomize.toolkit.fluxcd.io/v1
      kind: Kustomization
      metadata:
        name: infometis-border
      $patch: delete
`,
  ],
])
