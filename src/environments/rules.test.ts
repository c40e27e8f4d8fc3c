import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { acrossRules } from './across-rules.ts'
import type { Environment, FluxPath, Part } from './environment.ts'
import { environmentRules } from './examine.ts'
import { parseManifests, showPath, titleOf } from './manifest.ts'

/** A small environment that keeps every rule. Cases change one thing of it. */
const stack = `
apiVersion: v1
kind: Namespace
metadata: {name: shop, labels: {pod-security.kubernetes.io/enforce: restricted}}
---
apiVersion: v1
kind: ServiceAccount
metadata: {name: kafka, namespace: shop}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: settings, namespace: shop}
data: {level: info}
---
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: kafka, namespace: shop}
spec:
  replicas: 2
  serviceName: kafka-brokers
  selector: {matchLabels: {app: kafka}}
  template:
    metadata: {labels: {app: kafka}}
    spec:
      serviceAccountName: kafka
      securityContext: {runAsNonRoot: true, seccompProfile: {type: RuntimeDefault}}
      containers:
        - name: kafka
          image: apache/kafka:4.3.1
          env:
            - {name: LEVEL, valueFrom: {configMapKeyRef: {name: settings, key: level}}}
            - {name: PASSWORD, valueFrom: {secretKeyRef: {name: passwords, key: kafka, optional: true}}}
          ports: [{name: client, containerPort: 9092}]
          resources: {requests: {cpu: 1, memory: 1Gi}, limits: {cpu: 1, memory: 1Gi}}
          securityContext: {allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: {drop: [ALL]}}
---
apiVersion: v1
kind: Service
metadata: {name: kafka, namespace: shop}
spec: {selector: {app: kafka}, ports: [{name: client, port: 9092, targetPort: client}]}
---
apiVersion: v1
kind: Service
metadata: {name: kafka-brokers, namespace: shop}
spec: {clusterIP: None, selector: {app: kafka}, ports: [{name: client, port: 9092}]}
---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {name: kafka, namespace: shop}
spec: {maxUnavailable: 1, selector: {matchLabels: {app: kafka}}}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: kafka, namespace: shop}
spec: {podSelector: {matchLabels: {app: kafka}}, policyTypes: [Ingress]}
`

const border = `
apiVersion: v1
kind: ConfigMap
metadata: {name: traefik-routes, namespace: shop}
data:
  routes.yaml: |
    http:
      routers:
        to-https: {rule: "PathPrefix(\`/\`)", entryPoints: [web], middlewares: [to-https], service: noop@internal}
        kafka: {rule: "Host(\`kafka.example\`)", entryPoints: [websecure], tls: {}, middlewares: [border], service: kafka}
      services:
        kafka: {loadBalancer: {servers: [{url: "http://kafka:9092"}]}}
      middlewares:
        to-https: {redirectScheme: {scheme: https}}
        border: {chain: {middlewares: [users]}}
        users: {basicAuth: {usersFile: /users}}
  tcp.yaml: |
    tcp:
      routers:
        broker: {rule: "HostSNI(\`kafka-0.example\`)", tls: {options: clients}, service: broker}
      services:
        broker: {loadBalancer: {servers: [{address: "kafka-1.kafka-brokers:9092"}]}}
    tls:
      options:
        clients: {clientAuth: {clientAuthType: RequireAndVerifyClientCert}}
---
apiVersion: traefik.io/v1alpha1
kind: IngressRoute
metadata: {name: kafka, namespace: shop}
spec:
  routes: [{match: "Host(\`k.example\`)", middlewares: [{name: border}], services: [{name: kafka, port: client}]}]
  tls: {}
---
apiVersion: traefik.io/v1alpha1
kind: Middleware
metadata: {name: border, namespace: shop}
spec: {chain: {middlewares: [{name: users}]}}
---
apiVersion: traefik.io/v1alpha1
kind: Middleware
metadata: {name: users, namespace: shop}
spec: {forwardAuth: {address: "http://auth"}}
`

const flux = `
apiVersion: source.toolkit.fluxcd.io/v1
kind: GitRepository
metadata: {name: git, namespace: flux-system}
spec: {url: https://git.example/x}
---
apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: {name: services, namespace: flux-system}
spec: {sourceRef: {kind: GitRepository, name: git}, path: ./shop/stack, targetNamespace: shop}
---
apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: {name: desired, namespace: flux-system}
spec: {sourceRef: {kind: GitRepository, name: git}, path: ./shop/desired, targetNamespace: shop, dependsOn: [{name: services}]}
`

interface Texts {
  readonly stack: string
  readonly border: string
  readonly flux: string
}

const clusterScoped = new Set(['Namespace', 'ClusterRole'])
const knowledge = {
  isClusterScoped: ({ kind }: { readonly kind: string }) => clusterScoped.has(kind),
}

function environmentOf(texts: Texts, name = 'shop'): Environment {
  const objects = (text: string, part: Part) =>
    parseManifests(text).map((manifest) => ({ manifest, part, origin: undefined }))
  const paths: readonly (readonly [string, FluxPath])[] = [
    ['./shop/stack', 'own'],
    ['./shop/desired', 'own'],
    ['./other/stack', 'foreign'],
  ]
  return {
    name,
    objects: [...objects(texts.stack, 'stack'), ...objects(texts.border, 'border')],
    flux: objects(texts.flux, 'flux'),
    fluxPaths: new Map(paths),
  }
}

/** One change of the good environment, and what is said of it: `Kind/name path: sentence`. */
interface Case {
  readonly where: keyof Texts
  readonly from: string | RegExp
  readonly to: string
  /** What every finding must say; none for a change that keeps the rule. */
  readonly says?: RegExp
}

const kept = (where: keyof Texts, from: string | RegExp, to: string): Case => ({ where, from, to })
const broken = (where: keyof Texts, from: string | RegExp, to: string, says: RegExp): Case => ({
  where,
  from,
  to,
  says,
})
const more = (where: keyof Texts, text: string, says?: RegExp): Case => ({
  where,
  from: /$/,
  to: `---\n${text}`,
  ...(says === undefined ? {} : { says }),
})

const cases: Readonly<Record<string, readonly Case[]>> = {
  OnlyNamespaced: [
    more('stack', '{apiVersion: v1, kind: Role, metadata: {name: r, namespace: shop}}'),
    more(
      'stack',
      '{apiVersion: v1, kind: ClusterRole, metadata: {name: r}}',
      /^ClusterRole\/r kind: .*whole cluster: use one of a namespace/,
    ),
  ],
  OneNamespace: [
    more('stack', '{apiVersion: v1, kind: ClusterRole, metadata: {name: r}}'),
    more(
      'stack',
      '{apiVersion: v1, kind: ConfigMap, metadata: {name: a, namespace: other}}',
      /^ConfigMap\/a metadata: is not in the namespace shop/,
    ),
    more('stack', '{apiVersion: v1, kind: ConfigMap, metadata: {name: a}}', /^ConfigMap\/a metadata: /),
    more('stack', '{apiVersion: v1, kind: Namespace, metadata: {name: b}}', /^Namespace\/b metadata: /),
  ],
  NoQuotaInGivenNamespace: [
    more('stack', '{apiVersion: v1, kind: ResourceQuota, metadata: {name: q, namespace: shop}}'),
    broken(
      'stack',
      /apiVersion: v1\nkind: Namespace\nmetadata: .*/,
      '{apiVersion: v1, kind: LimitRange, metadata: {name: q, namespace: shop}}',
      /^LimitRange\/q kind: LimitRange is for whoever owns the namespace/,
    ),
  ],
  RestrictedNamespace: [
    kept('stack', 'name: shop, labels', 'name: shop, annotations: {a: b}, labels'),
    broken('stack', 'enforce: restricted', 'enforce: baseline', /^Namespace\/shop .*must be restricted/),
    broken('stack', ', labels: {pod-security.kubernetes.io/enforce: restricted}', '', /^Namespace\/shop /),
  ],
  SecretsEncrypted: [
    more('border', '{apiVersion: v1, kind: Secret, metadata: {name: s, namespace: shop}, data: {a: ""}}'),
    more(
      'border',
      '{apiVersion: v1, kind: Secret, metadata: {name: s, namespace: shop}, stringData: {a: "ENC[AES256_GCM,data:x]"}, sops: {mac: x}}',
    ),
    more(
      'border',
      '{apiVersion: v1, kind: Secret, metadata: {name: s, namespace: shop}, data: {a: aHVudGVyMg==}}',
      /^Secret\/s data\.a: stands in Git for everybody to read: encrypt it with SOPS/,
    ),
    more(
      'flux',
      '{apiVersion: v1, kind: Secret, metadata: {name: s}, stringData: {a: hunter2}}',
      /^Secret\/s stringData\.a: (?!.*hunter2)/,
    ),
    more(
      'border',
      '{apiVersion: v1, kind: Secret, metadata: {name: s}, data: {a: "ENC[AES256_GCM,data:x]"}}',
      /^Secret\/s data\.a: /,
    ),
  ],
  OnlyTheBorderIsReachable: [
    more('border', '{apiVersion: v1, kind: Service, metadata: {name: t}, spec: {type: LoadBalancer}}'),
    more(
      'stack',
      '{apiVersion: v1, kind: Service, metadata: {name: t}, spec: {type: NodePort}}',
      /^Service\/t spec\.type: is NodePort, but Service\/t is no part of the border: make it ClusterIP/,
    ),
    more(
      'border',
      '{apiVersion: v1, kind: Service, metadata: {name: t}, spec: {externalIPs: [192.0.2.1]}}',
      /^Service\/t spec\.externalIPs: /,
    ),
  ],
  PodsRestricted: [
    kept('stack', 'drop: [ALL]}', 'drop: [ALL], add: [NET_BIND_SERVICE]}'),
    broken('stack', 'drop: [ALL]', 'drop: []', /containers\[kafka\].*capabilities\.drop: must be \[ALL\]/),
    broken(
      'stack',
      'serviceAccountName',
      'hostNetwork: true\n      serviceAccountName',
      /spec\.hostNetwork: /,
    ),
  ],
  RootIsReadOnly: [
    kept('stack', 'readOnlyRootFilesystem: true', 'readOnlyRootFilesystem: true, procMount: Default'),
    broken(
      'stack',
      'readOnlyRootFilesystem: true, ',
      '',
      /readOnlyRootFilesystem: must be true: mount an emptyDir/,
    ),
  ],
  ImagesPinned: [
    kept('stack', 'apache/kafka:4.3.1', `registry.example:5000/kafka@sha256:${'0'.repeat(64)}`),
    broken(
      'stack',
      'apache/kafka:4.3.1',
      'apache/kafka',
      /containers\[kafka\]\.image: .*no tag, which means latest/,
    ),
    broken('stack', 'apache/kafka:4.3.1', 'registry.example:5000/kafka', /\.image: .*no tag/),
    broken('stack', 'apache/kafka:4.3.1', 'apache/kafka:latest', /\.image: .*something else every day/),
    broken('stack', 'apache/kafka:4.3.1', 'apache/kafka:main', /\.image: .*something else every day/),
  ],
  ContainersSized: [
    kept('stack', 'limits: {cpu: 1', 'limits: {cpu: 2'),
    broken(
      'stack',
      'limits: {cpu: 1, memory: 1Gi}',
      'limits: {cpu: 1}',
      /resources\.limits\.memory: is missing/,
    ),
    broken('stack', 'requests: {cpu: 1, ', 'requests: {', /resources\.requests\.cpu: is missing/),
  ],
  ReplicasRepeated: [
    kept('stack', 'env:', "env:\n            - {name: REPLICAS, value: '2'}"),
    broken(
      'stack',
      'env:',
      "env:\n            - {name: REPLICAS, value: '3'}",
      /env\[REPLICAS\]\.value: must be "2", as spec\.replicas is/,
    ),
  ],
  MountsExist: [
    kept(
      'stack',
      /resources:([^]*)capabilities: \{drop: \[ALL\]\}\}/,
      'volumeMounts: [{name: data}, {name: tmp}]\n          resources:$1capabilities: {drop: [ALL]}}\n      volumes: [{name: tmp, emptyDir: {}}]\n  volumeClaimTemplates: [{metadata: {name: data}}]',
    ),
    broken(
      'stack',
      'resources:',
      'volumeMounts: [{name: data}]\n          resources:',
      /volumeMounts\[data\]\.name: there is no volume data in the pod/,
    ),
  ],
  ProbesFindPorts: [
    kept('stack', 'resources:', 'livenessProbe: {tcpSocket: {port: client}}\n          resources:'),
    kept('stack', 'resources:', 'livenessProbe: {tcpSocket: {port: 1}}\n          resources:'),
    broken(
      'stack',
      'resources:',
      'readinessProbe: {httpGet: {port: http}}\n          resources:',
      /readinessProbe\.httpGet\.port: there is no port http; there are client/,
    ),
  ],
  PodsGuarded: [
    kept('stack', '{podSelector: {matchLabels: {app: kafka}}, policyTypes: [Ingress]}', '{podSelector: {}}'),
    broken(
      'stack',
      'policyTypes: [Ingress]',
      'policyTypes: [Egress]',
      /no NetworkPolicy with Ingress selects/,
    ),
    broken(
      'stack',
      'spec: {podSelector: {matchLabels: {app: kafka}}',
      'spec: {podSelector: {matchLabels: {app: x}}',
      /no NetworkPolicy/,
    ),
    broken(
      'stack',
      'podSelector: {matchLabels: {app: kafka}}',
      'podSelector: {matchExpressions: [{key: app, operator: NotIn, values: [kafka]}]}',
      /no NetworkPolicy/,
    ),
    kept(
      'stack',
      'podSelector: {matchLabels: {app: kafka}}',
      'podSelector: {matchExpressions: [{key: app, operator: In, values: [kafka]}, {key: x, operator: DoesNotExist}]}',
    ),
  ],
  ReferencesExist: [
    kept('stack', 'name: settings, key: level}', 'name: absent, key: level, optional: true}'),
    kept(
      'stack',
      'metadata: {name: kafka, namespace: shop}\nspec:\n  replicas',
      'metadata: {name: kafka, namespace: shop, annotations: {infometis.io/expects: "ServiceAccount/x, ConfigMap/y"}}\nspec:\n  replicas',
    ),
    broken(
      'stack',
      'secretKeyRef: {name: passwords, key: kafka, optional: true}',
      'secretKeyRef: {name: passwords, key: kafka}',
      /env\[PASSWORD\].*secretKeyRef\.name: there is no Secret\/passwords in this environment: add it, or name it in the annotation infometis\.io\/expects/,
    ),
    broken(
      'stack',
      'name: settings, key',
      'name: setings, key',
      /there is no ConfigMap\/setings .*did you mean settings\?/,
    ),
    broken('stack', 'key: level}', 'key: levle}', /ConfigMap\/settings has no key levle; there are level/),
    broken(
      'stack',
      'serviceAccountName: kafka',
      'serviceAccountName: kafak',
      /there is no ServiceAccount\/kafak/,
    ),
    broken('stack', 'serviceName: kafka-brokers', 'serviceName: brokers', /there is no Service\/brokers/),
    broken(
      'stack',
      'containers:',
      'volumes: [{name: a, projected: {sources: [{secret: {name: tls}}]}}, {name: b, configMap: {name: b}}, {name: c, persistentVolumeClaim: {claimName: c}}]\n      containers:',
      /volumes\[[abc]\].*there is no (Secret\/tls|ConfigMap\/b|PersistentVolumeClaim\/c)/,
    ),
    broken(
      'border',
      'tls: {}\n---',
      'tls: {secretName: tls}\n---',
      /spec\.tls\.secretName: there is no Secret\/tls/,
    ),
    broken(
      'border',
      'middlewares: [{name: border}]',
      'middlewares: [{name: bordr}]',
      /there is no Middleware\/bordr/,
    ),
    more(
      'stack',
      '{apiVersion: v1, kind: RoleBinding, metadata: {name: r}, roleRef: {kind: Role, name: x}, subjects: [{kind: ServiceAccount, name: kafka}, {kind: Group, name: y}]}',
      /^RoleBinding\/r roleRef\.name: there is no Role\/x/,
    ),
    more(
      'flux',
      '{apiVersion: v1, kind: RoleBinding, metadata: {name: r}, roleRef: {kind: ClusterRole, name: admin}, subjects: [{kind: ServiceAccount, name: kafka}]}',
    ),
  ],
  SelectorsFind: [
    more(
      'stack',
      '{apiVersion: v1, kind: Service, metadata: {name: one}, spec: {selector: {app: kafka, statefulset.kubernetes.io/pod-name: kafka-1}, ports: [{port: 1, targetPort: 9092}]}}',
    ),
    more(
      'stack',
      '{apiVersion: v1, kind: Service, metadata: {name: one}, spec: {selector: {app: kafka, statefulset.kubernetes.io/pod-name: kafka-2}}}',
      /^Service\/one spec\.selector: finds no pods/,
    ),
    more('stack', '{apiVersion: v1, kind: Service, metadata: {name: named}, spec: {externalName: x}}'),
    broken(
      'stack',
      'spec: {selector: {app: kafka}, ports',
      'spec: {selector: {app: x}, ports',
      /^Service\/kafka spec\.selector: /,
    ),
    broken(
      'stack',
      'targetPort: client',
      'targetPort: clients',
      /targetPort: no container .* named clients; there are client/,
    ),
    broken(
      'stack',
      'maxUnavailable: 1, selector: {matchLabels: {app: kafka}}',
      'selector: {matchLabels: {app: x}}',
      /^PodDisruptionBudget\/kafka /,
    ),
  ],
  RoutesLead: [
    kept('border', 'http://kafka:9092', 'http://kafka.shop.svc:9092'),
    kept('border', 'service: kafka}', 'service: kafka@file}'),
    broken(
      'border',
      'http://kafka:9092',
      'http://kafak:9092',
      /servers\[0\]: there is no Service kafak .*did you mean kafka\?/,
    ),
    broken(
      'border',
      'http://kafka:9092',
      'http://kafka:9093',
      /Service kafka has no port 9093; there are 9092/,
    ),
    broken(
      'border',
      'kafka-1.kafka-brokers',
      'kafka-2.kafka-brokers',
      /there is no Service kafka-2\.kafka-brokers/,
    ),
    broken(
      'border',
      'service: kafka}',
      'service: nifi}',
      /routers\.kafka\.service: there is no service nifi; there are kafka/,
    ),
    broken(
      'border',
      'middlewares: [border], service',
      'middlewares: [borde], service',
      /there is no middleware borde/,
    ),
    broken(
      'border',
      '{middlewares: [users]}}\n        users',
      '{middlewares: [user]}}\n        users',
      /border\.chain\.middlewares\[0\]: there is no middleware user/,
    ),
    broken(
      'border',
      'options: clients',
      'options: client',
      /there is no TLS option client; there are clients/,
    ),
    broken(
      'border',
      'name: kafka, port: client',
      'name: kafka, port: http',
      /^IngressRoute\/kafka .*has no port http/,
    ),
    broken(
      'border',
      'name: kafka, port: client',
      'name: kafka-x, port: 1',
      /^IngressRoute\/kafka .*there is no Service kafka-x/,
    ),
    broken(
      'border',
      'http:\n      routers:',
      'http:\n      routers: {}\n      routers:',
      /^ConfigMap\/traefik-routes .*cannot be read: /,
    ),
    more(
      'border',
      '{apiVersion: v1, kind: Ingress, metadata: {name: i}, spec: {rules: [{http: {paths: [{backend: {service: {name: kafka, port: {number: 1}}}}]}}]}}',
      /^Ingress\/i .*has no port 1/,
    ),
  ],
  BorderProtected: [
    broken(
      'border',
      'tls: {}, middlewares: [border]',
      'middlewares: [border]',
      /routers\.kafka: router kafka is in the clear: give it tls/,
    ),
    broken(
      'border',
      'tls: {}, middlewares: [border]',
      'tls: {}',
      /router kafka lets anybody in: give it a middleware with basicAuth/,
    ),
    broken(
      'border',
      'users: {basicAuth: {usersFile: /users}}',
      'users: {headers: {}}',
      /router kafka lets anybody in/,
    ),
    broken('border', 'RequireAndVerifyClientCert', 'RequestClientCert', /router broker lets anybody in/),
    broken('border', '  tls: {}\n---', '---', /^IngressRoute\/kafka .*is in the clear/),
    broken(
      'border',
      'forwardAuth: {address: "http://auth"}',
      'compress: {}',
      /^IngressRoute\/kafka .*lets anybody in/,
    ),
    broken('border', 'redirectScheme: {scheme: https}', 'compress: {}', /router to-https is in the clear/),
    kept(
      'border',
      /tls: \{\}, middlewares: \[border\]([^]*name: users, namespace: shop)/,
      '$1, annotations: {infometis.io/border: plain}',
    ),
    kept(
      'border',
      /middlewares: \[\{name: border\}\]([^]*name: users, namespace: shop)/,
      'middlewares: [{name: platform}]$1, annotations: {infometis.io/expects: Middleware/platform}',
    ),
    more(
      'border',
      '{apiVersion: v1, kind: Ingress, metadata: {name: i, namespace: shop, annotations: {traefik.ingress.kubernetes.io/router.middlewares: shop-users@kubernetescrd}}, spec: {tls: [{}]}}',
    ),
    more(
      'border',
      '{apiVersion: v1, kind: Ingress, metadata: {name: i, namespace: shop}, spec: {tls: [{}]}}',
      /^Ingress\/i spec: Ingress\/i lets anybody in/,
    ),
  ],
  FluxPathsExist: [
    kept('flux', './shop/stack', './shop/desired'),
    broken(
      'flux',
      './shop/stack',
      './shop/stak',
      /^Kustomization\/services spec\.path: there is no folder \.\/shop\/stak/,
    ),
    broken('flux', './shop/stack', './other/stack', /leads into another environment than shop/),
    broken('flux', 'path: ./shop/stack, ', '', /spec\.path: is missing/),
  ],
  FluxNamesExist: [
    kept('flux', 'dependsOn: [{name: services}]', 'dependsOn: [{name: tools, namespace: elsewhere}]'),
    broken(
      'flux',
      'dependsOn: [{name: services}]',
      'dependsOn: [{name: service}]',
      /spec\.dependsOn\[service\]: there is no Kustomization service; there are services, desired/,
    ),
    broken(
      'flux',
      'metadata: {name: git,',
      'metadata: {name: other,',
      /spec\.sourceRef: there is no GitRepository git; there are other/,
    ),
    kept(
      'flux',
      /metadata: \{name: git,/,
      'metadata: {name: other, annotations: {infometis.io/expects: GitRepository/git},',
    ),
  ],
  FluxTargetsNamespace: [
    kept('flux', './shop/stack', './shop/desired'),
    broken(
      'flux',
      'targetNamespace: shop}',
      'targetNamespace: shopp}',
      /spec\.targetNamespace: must be shop, as `namespace:`/,
    ),
  ],
}

/** The good environment with one thing changed. A case whose change changes nothing proves nothing. */
function changed({ where, from, to }: Case): Texts {
  const texts: Texts = { stack, border, flux }
  const after = texts[where].replace(from, to)
  assert.notEqual(after, texts[where], 'the case changes nothing')
  return { ...texts, [where]: after }
}

function titleOfCase(from: string | RegExp, to: string): string {
  const words = to.replace(/\s+/g, ' ').replace(/^(--- ?)+/, '')
  return words === '' ? `leaving out ${String(from)}` : words
}

describe('the rules of an environment', () => {
  it('have a case each', () => {
    assert.deepEqual(Object.keys(cases).sort(), environmentRules.map(({ code }) => code).sort())
  })

  for (const rule of environmentRules) {
    const of = cases[rule.code] ?? []
    const judged = (texts: Texts): readonly string[] =>
      rule.judge(environmentOf(texts), knowledge).map(({ object: { manifest }, path, message, within }) => {
        const inside = within === undefined ? '' : `.${within.join('.').replace(/\.(\d+)$/, '[$1]')}`
        return `${titleOf(manifest)} ${showPath(manifest, path)}${inside}: ${message}`
      })

    describe(rule.says, () => {
      it('holds for the good environment', () => assert.deepEqual(judged({ stack, border, flux }), []))

      it('has a case that breaks it', () => assert.ok(of.some(({ says }) => says !== undefined)))

      for (const each of of) {
        const { from, to, says } = each
        it(`${says === undefined ? 'allows' : 'refuses'} ${titleOfCase(from, to)}`, () => {
          const found = judged(changed(each))
          if (says === undefined) {
            assert.deepEqual(found, [])
            return
          }
          assert.ok(found.length > 0, 'nothing was found')
          for (const sentence of found) assert.match(sentence, says)
        })
      }
    })
  }
})

describe('an environment that was given its namespace', () => {
  const given = (type: string): Environment => {
    const service = `{apiVersion: v1, kind: Service, metadata: {name: t, namespace: shop}, spec: {type: ${type}}}`
    const texts = { stack: stack.replace(/[^]*?---/, ''), border: `${border}---\n${service}`, flux }
    return environmentOf(texts)
  }
  const judged = (environment: Environment): readonly string[] =>
    environmentRules.flatMap(({ judge }) => judge(environment, knowledge).map(({ message }) => message))

  it('keeps every rule without making a namespace', () => assert.deepEqual(judged(given('ClusterIP')), []))

  for (const type of ['LoadBalancer', 'NodePort']) {
    it(`has not even a border with a ${type}`, () => {
      const [message, ...others] = judged(given(type))
      assert.equal(
        message,
        `is ${type}, but in a given namespace the border is the platform’s: make it ClusterIP and let the border lead to it`,
      )
      assert.deepEqual(others, [])
    })
  }
})

describe('the rules across environments', () => {
  const good = { stack, border, flux }
  const other = (change: (text: string) => string): Texts => ({
    stack: change(stack.replaceAll('namespace: shop', 'namespace: mall').replace('name: shop', 'name: mall')),
    border: border.replaceAll('namespace: shop', 'namespace: mall'),
    flux,
  })
  const judged = (code: string, ...texts: readonly Texts[]): readonly string[] => {
    const environments = texts.map((each, index) => environmentOf(each, ['shop', 'mall', 'fair'][index]))
    const rule = acrossRules.find((each) => each.code === code)
    assert.ok(rule !== undefined)
    return rule
      .judge(environments)
      .map(
        ({ environment, finding: { object, path, message } }) =>
          `${environment.name}: ${titleOf(object.manifest)} ${showPath(object.manifest, path)}: ${message}`,
      )
  }

  describe('Core services differ between environments in replicas, resources and storage only.', () => {
    it('lets sizes and namespaces differ', () => {
      const sized = other((text) => text.replace('replicas: 2', 'replicas: 3').replaceAll('1Gi', '4Gi'))
      assert.deepEqual(judged('SameServices', good, sized), [])
    })
    it('lets the border differ', () => {
      const text = other((same) => same)
      assert.deepEqual(judged('SameServices', good, { ...text, border: '' }), [])
    })
    it('names the odd one of three, the place in it and both values', () => {
      const odd = other((text) => text.replace('kafka:4.3.1', 'kafka:4.3.0'))
      const same = other((text) => text)
      for (const [texts, name] of [
        [[odd, good, same], 'shop'],
        [[good, odd, same], 'mall'],
      ] as const) {
        const [first, ...others] = judged('SameServices', ...texts)
        assert.deepEqual(others, [])
        assert.match(
          first ?? '',
          new RegExp(
            `^${name}: StatefulSet/kafka spec\\.template\\.spec\\.containers\\[kafka\\]\\.image: is "apache/kafka:4\\.3\\.0" in ${name} and "apache/kafka:4\\.3\\.1" in `,
          ),
        )
      }
    })
    it('names an object that only some have', () => {
      const without = other((text) => text.replace(/---\napiVersion: policy[^]*?(?=---)/, ''))
      assert.match(
        judged('SameServices', good, without).join(),
        /mall: PodDisruptionBudget\/kafka : is in shop and not in mall/,
      )
      assert.match(judged('SameServices', without, good).join(), /shop|mall/)
    })
  })

  describe('No two environments share a namespace.', () => {
    it('lets each have its own', () => {
      assert.deepEqual(
        judged(
          'OwnNamespaces',
          good,
          other((text) => text),
        ),
        [],
      )
    })
    it('names the second', () => {
      const found = judged('OwnNamespaces', good, good)
      assert.equal(found.length, 1)
      assert.match(found.join(), /^mall: .*namespace shop is that of shop, too/)
    })
  })

  it('are all tested here', () => {
    assert.deepEqual(
      acrossRules.map(({ says }) => says),
      [
        'Core services differ between environments in replicas, resources and storage only.',
        'No two environments share a namespace.',
      ],
    )
  })
})
