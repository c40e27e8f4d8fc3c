import { type Command, Option } from 'commander'
import type { Context } from './context.ts'
import { example } from './examples.ts'
import { withLocalStack } from './local-stack.ts'
import type { ImportOptions } from './import.ts'
import { type Done, timeoutOption } from './options.ts'
import { serviceNames } from './services.ts'

/** Commands over a service and its config types. */
export function addServiceCommands(program: Command, context: Context, done: Done): void {
  program
    .command('import')
    .summary('print a live service as a ConfigMap')
    .description('Print what a live service has as labelled ConfigMaps whose first plan is empty.')
    .argument('<service>', serviceNames.join(', '))
    .option('--match <regex>', 'only names that this regular expression finds')
    .addOption(
      new Option('-o, --output <format>', 'manifest format').choices(['yaml', 'json']).default('yaml'),
    )
    .option('--name <name>', 'name of the ConfigMap (default: SERVICE-TYPE-desired)')
    .option('-n, --namespace <namespace>', 'namespace written into the manifest (default: none)')
    .addOption(timeoutOption())
    .addHelpText(
      'after',
      `\nExamples:\n  infometis import ${example.service} --match '^orders' > environments/dev/desired/${example.service}/orders.yaml`,
    )
    .action(async (service: string, options: Omit<ImportOptions, keyof Context | 'service'>) => {
      const { importService } = await import('./import.ts')
      done(await importService({ ...(await withLocalStack(context)), ...options, service }))
    })
  program
    .command('schema')
    .summary('print the JSON Schema of a config type')
    .description(
      'Print the JSON Schema of a whole document of a config type, for editors and for checks in CI.',
    )
    .argument('<type>', `such as ${example.type}`)
    .addHelpText('after', `\nExamples:\n  infometis schema ${example.type} > ${example.type}.schema.json`)
    .action(async (type: string) => {
      const { schema } = await import('./schema.ts')
      done(await schema({ ...context, type }))
    })
}
