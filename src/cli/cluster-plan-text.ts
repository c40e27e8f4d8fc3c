import type { UpChoice } from '../cluster/choice.ts'
import { imageOf } from '../cluster/image-steps.ts'
import { imageText } from '../cluster/image.ts'
import type { Facts } from '../cluster/facts.ts'
import type { Plan, PlanStep } from '../cluster/plan.ts'
import { shellQuoted } from './env.ts'
import { plural } from './text.ts'

/** A plan as a script that a person can read, or run by hand. */
export function planText(plan: Plan): string {
  return plan
    .map((group, index) => {
      const together = group.length > 1 ? ', together' : ''
      const titles = group.map(({ title }) => title)
      return [`# ${index + 1}. ${titles.join('; ')}${together}`, ...group.map(stepText)].join('\n')
    })
    .join('\n\n')
}

function stepText({ write, command, stdin, output, retry }: PlanStep): string {
  const file =
    write === undefined
      ? []
      : [`mkdir -p ${word(directoryOf(write.file))}`, `cat > ${word(write.file)} ${here(write.text)}`]
  const into = output === undefined ? '' : ` > ${word(output)}`
  const input = stdin === undefined ? '' : ` ${here(stdin)}`
  const line = `${command.map(word).join(' ')}${into}`
  return [...file, retry === true ? `until ${line}; do sleep 2; done` : `${line}${input}`].join('\n')
}

function here(text: string): string {
  return `<<'EOF'\n${text.trimEnd()}\nEOF`
}

function directoryOf(file: string): string {
  return file.replace(/\/[^/]*$/, '')
}

/** As a shell takes it, quoted only where it has to be. */
function word(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : shellQuoted(text)
}

/** What will be touched, for whoever is about to let it happen. */
export function headline(choice: UpChoice, facts: Facts): string {
  const { cluster, environment } = facts
  const where = {
    kind: `the kind cluster ${choice.name}`,
    k0s: 'the k0s of this machine',
    current:
      cluster.on === 'current' ? `the context ${cluster.context.name} (${cluster.context.server})` : '',
  }[cluster.on]
  const { manifests, workloads, desired, namespaces } = environment
  const what = [
    plural(manifests.length, 'object'),
    plural(workloads.length, 'workload'),
    plural(desired.length, 'desired ConfigMap'),
  ].join(', ')
  return `Environment ${environment.name} (${what}; ${imageText(imageOf(choice, facts))}) on ${where}, namespace ${namespaces.join(', ')}.`
}
