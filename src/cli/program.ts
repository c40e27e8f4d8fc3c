import { Command } from 'commander'
import pkg from '../../package.json' with { type: 'json' }
import type { Context } from './context.ts'
import { example, titles } from './examples.ts'
import { addDesiredCommands } from './desired-commands.ts'
import { addServiceCommands } from './service-commands.ts'
import { addStackCommands } from './stack-commands.ts'
import { addStatusCommands } from './status-commands.ts'
import type { Done } from './options.ts'

/** All commands, each loading its own file only when it runs: `infometis schema` needs no client. */
export function buildProgram(context: Context, done: Done): Command {
  const program = new Command('infometis')
    .description(`Keeps ${titles()} as the ConfigMaps in Git say.`)
    .version(pkg.version)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => context.out.write(text),
      writeErr: (text) => context.err.write(text),
      getOutHasColors: () => false,
      getErrHasColors: () => false,
    })
    .helpCommand('help [command]', 'show help for a command')
    .addHelpText(
      'after',
      `
Exit codes: 0 good; 2 not (changes, not Ready, invalid); 1 could not tell (unreachable, usage).

Start here:
  infometis up --detach                 a Kubernetes API, ${titles()} on this machine
  eval "$(infometis env)"               point kubectl and infometis at it
  infometis status                      what became of each desired ConfigMap
  infometis plan -f environments/dev/desired/${example.service}`,
    )
  addStackCommands(program, context, done)
  addDesiredCommands(program, context, done)
  addStatusCommands(program, context, done)
  addServiceCommands(program, context, done)
  return program
}
