/** Labels of the services whose images cannot be had here: nothing stands in for them. */
const withoutImage = ['nifi', 'grafana', 'prometheus']

const taken = 'apiVersion: v1\nkind: Any\nmetadata:\n  name: any\n$patch: delete\n'
const indented = (text: string, by: number): string => text.replace(/^(?=.)/gm, ' '.repeat(by))

/**
 * What a team adds to this project's deploy/ and environments/ in its own Git for this suite: environments/dev without the services
 * that have no image here, and Flux pointed at that. Everything else is environments/dev, unchanged.
 */
export const overlay: ReadonlyMap<string, string> = new Map([
  [
    'environments/e2e/services/kustomization.yaml',
    `apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
resources:
  - ../../dev/stack/services
patches:
  - target:
      labelSelector: app.kubernetes.io/name in (${withoutImage.join(',')})
    patch: |
${indented(taken, 6)}`,
  ],
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
  # So that the scenario in which nobody reconciles need not wait for minutes.
  - target:
      kind: Kustomization
      name: infometis-desired
    patch: |
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
