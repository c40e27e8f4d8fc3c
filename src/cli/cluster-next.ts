import type { UpChoice } from '../cluster/choice.ts'
import type { Facts } from '../cluster/facts.ts'
import { kubectlCommand } from '../cluster/kubectl-command.ts'
import { addressesOf, type BorderPorts, webPortsOf } from '../cluster/reach.ts'

/** Where the border of a cluster is reached from this machine. Undefined: its owner knows. */
const border: Readonly<Record<UpChoice['on'], BorderPorts | undefined>> = {
  kind: { http: 80, https: 443 },
  k0s: { http: 30_080, https: 30_443 },
  current: undefined,
}

/** What to do with a stack that is up: commands to copy. */
export function nextText(choice: UpChoice, facts: Facts): string {
  const { environment } = facts
  const kubectl = kubectlCommand(choice, facts).join(' ')
  const [namespace = 'default'] = environment.namespaces
  const addresses = addressesOf(environment, border[choice.on])
  const rows = [
    [
      `${kubectl} -n ${namespace} get cm -l infometis.io/kind=status`,
      'what became of each desired ConfigMap',
    ],
    ...webPortsOf(environment).map(({ name, namespace: of, port }) => [
      `${kubectl} -n ${of} port-forward service/${name} ${port}`,
      `then http://localhost:${port}`,
    ]),
    [downCommand(choice), 'takes it away again'],
  ]
  return [
    '',
    ...(addresses.length === 0 ? [] : [`Through the border: ${addresses.join(' ')}`]),
    'Who may sign in, and with which password: deploy/services/README.md and environments/README.md',
    'Try next:',
    ...rows.map(([command = '', why = '']) => `  ${command}\n      # ${why}`),
  ].join('\n')
}

function downCommand({ on, name, environment, context }: UpChoice): string {
  const options = {
    kind: name === 'infometis' ? '' : ` --name ${name}`,
    k0s: ' --yes',
    current: `${environment === 'dev' ? '' : ` --environment ${environment}`}${context === undefined ? '' : ` --context ${context}`}`,
  }[on]
  return `npx infometis down --on ${on}${options}`
}
