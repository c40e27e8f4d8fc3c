import { type Command, Option } from 'commander'
import type { Context } from './context.ts'
import { example } from './examples.ts'
import { withLocalStack } from './local-stack.ts'
import { type Done, fileOption, timeoutOption } from './options.ts'
import type { PlanOptions } from './plan.ts'
import type { ValidateOptions } from './validate.ts'

const policies = ['upsert-only', 'sync', 'observe-only'] as const

/** Commands over files. */
export function addDesiredCommands(program: Command, context: Context, done: Done): void {
  program
    .command('plan')
    .summary('show what files would change on the live service')
    .description('Show what files would change on the live service. Nothing is written. Needs no Kubernetes.')
    .addOption(fileOption())
    .option('-s, --service <name>', 'only the documents of this service')
    .addOption(new Option('-o, --output <format>', 'print JSON instead of text').choices(['json']))
    .addOption(new Option('--policy <policy>', 'stand in for each document’s own policy').choices(policies))
    .option('--standalone', 'do not read the operator’s state, even where a cluster can be reached')
    .addOption(timeoutOption())
    .addHelpText(
      'after',
      `
  +  create     ~  update     -  delete     !  held, refused or withheld by the policy     ?  orphan, kept

Where KUBECONFIG is set, ownership is read from the operator's status, and the hash of the held changes is the operator's.
Exit codes: 0 nothing to do; 2 changes; 1 error.

Examples:
  infometis plan -f environments/dev/desired/${example.service}
  kubectl kustomize overlays/prod | infometis plan -f - -o json
  infometis plan -f ${example.type}.yaml --policy sync --standalone`,
    )
    .action(async (options: Omit<PlanOptions, keyof Context>) => {
      const { plan } = await import('./plan.ts')
      done(await plan({ ...(await withLocalStack(context)), ...options }))
    })
  program
    .command('validate')
    .summary('check environments and files without any network')
    .description(
      'Check without any network: rendered manifests against schemas, desired documents, and the rules of environments and their border.',
    )
    .argument('[environments...]', 'an environment, or a directory that holds some')
    .addOption(fileOption().makeOptionMandatory(false))
    .option('-s, --service <name>', 'only the documents of this service')
    .option('--strict', 'take an object whose kind has no schema here for a problem')
    .addOption(new Option('-o, --output <format>', 'print JSON instead of text').choices(['json']))
    .addHelpText(
      'after',
      `
Prints file:line: path: sentence for each problem. Exit codes: 0 valid; 2 not; 1 could not read.
Environments are rendered by kustomize or kubectl, whichever is on the PATH, or by the kubectl of \`infometis up\`.

Examples:
  infometis validate environments
  infometis validate -f environments/dev/desired
  kubectl kustomize overlays/prod | infometis validate -f -`,
    )
    .action(
      async (
        directories: readonly string[],
        options: Omit<ValidateOptions, keyof Context | 'directories'>,
      ) => {
        const { validate } = await import('./validate.ts')
        done(await validate({ ...context, ...options, directories }))
      },
    )
}
