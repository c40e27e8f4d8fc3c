import { type Command, Option } from 'commander'
import type { Context } from './context.ts'
import { example } from './examples.ts'
import { withLocalStack } from './local-stack.ts'
import { type Done, namespaceOption } from './options.ts'

/** Commands over what the operator keeps in Kubernetes. */
export function addStatusCommands(program: Command, context: Context, done: Done): void {
  program
    .command('status')
    .summary('show what became of each desired ConfigMap')
    .description('Show what became of each desired ConfigMap, why one is not Ready, and the way out.')
    .argument('[name]', 'only this ConfigMap: NAME or NAMESPACE/NAME')
    .addOption(namespaceOption())
    .addOption(new Option('-o, --output <format>', 'wide or JSON').choices(['json', 'wide']))
    .addHelpText(
      'after',
      `
Exit codes: 0 all Ready; 2 not; 1 could not tell.

Examples:
  infometis status
  infometis status ${example.configMap} -o json
  kubectl get cm -l infometis.io/kind=status          the same from kubectl`,
    )
    .action(async (name: string | undefined, options: { namespace?: string; output?: 'json' | 'wide' }) => {
      const { status } = await import('./status.ts')
      done(
        await status({
          ...(await withLocalStack(context)),
          ...options,
          ...(name === undefined ? {} : { name }),
        }),
      )
    })
  program
    .command('approve')
    .summary('let the held changes of a ConfigMap through, once')
    .description(
      'Let the held changes of a ConfigMap through, once: sets infometis.io/approve to the hash of what is held now.',
    )
    .argument('<name>', 'the desired ConfigMap: NAME or NAMESPACE/NAME')
    .option('--hash <hash>', 'refuse unless exactly this is held')
    .addOption(namespaceOption())
    .addHelpText(
      'after',
      `
Where Flux manages the ConfigMap, commit the annotation to Git instead: then Git tells who let what through.

Examples:
  infometis approve ${example.configMap} --hash 3f2a9c01d7e4`,
    )
    .action(async (name: string, options: { hash?: string; namespace?: string }) => {
      const { approve } = await import('./approve.ts')
      done(await approve({ ...(await withLocalStack(context)), ...options, name }))
    })
  program
    .command('forget')
    .summary('give up what a ConfigMap that is gone made')
    .description(
      'Delete the status of a ConfigMap that is gone. What it made stays on the service, and is nobody’s.',
    )
    .argument('<name>', 'the ConfigMap that is gone: NAME or NAMESPACE/NAME')
    .addOption(namespaceOption())
    .action(async (name: string, options: { namespace?: string }) => {
      const { forget } = await import('./forget.ts')
      done(await forget({ ...(await withLocalStack(context)), ...options, name }))
    })
  program
    .command('originals')
    .summary('show what was kept before it was overwritten or deleted')
    .description(
      'Show what was kept before somebody’s change was corrected, an adoption overwrote it or it was deleted; or print one.',
    )
    .argument(
      '[name]',
      'the name of one, to print its JSON; or a resource (TYPE/NAME), or a desired ConfigMap',
    )
    .addOption(namespaceOption())
    .addHelpText(
      'after',
      `
The last five of each resource are kept, each in a ConfigMap of the reconciler's namespace.

Examples:
  infometis originals
  infometis originals NAME > mine.json
  kubectl get cm -l infometis.io/kind=original        the same from kubectl`,
    )
    .action(async (name: string | undefined, options: { namespace?: string }) => {
      const { originals } = await import('./originals.ts')
      done(
        await originals({
          ...(await withLocalStack(context)),
          ...options,
          ...(name === undefined ? {} : { name }),
        }),
      )
    })
}
