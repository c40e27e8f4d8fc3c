import { type Command, InvalidArgumentError, Option } from 'commander'
import { type DownChoice, type Target, type UpChoice, clusterName, targets } from '../cluster/choice.ts'
import { type Image, parseImage } from '../cluster/image.ts'
import { ExitError } from '../errors.ts'
import { milliseconds } from './options.ts'

/** What commander makes of the options below; nothing is there that was not said, except `wait`. */
export interface ClusterFlags {
  readonly on?: Target
  readonly environment?: string
  readonly name?: string
  readonly context?: string
  readonly image?: Image
  readonly push?: boolean
  readonly skipImage?: boolean
  readonly wait?: boolean
  readonly timeout?: number
  readonly deleteData?: boolean
  readonly yes?: boolean
  readonly dryRun?: boolean
}

const timeoutMs = 15 * 60_000

/** Options of both commands. */
function addClusterOptions(command: Command): Command {
  return command
    .optionsGroup('On a cluster of your own:')
    .addOption(new Option('--on <cluster>', 'a cluster instead of this machine’s own stack').choices(targets))
    .option('--environment <name>', 'a folder of environments/ (default: dev)')
    .addOption(
      new Option('--name <name>', 'with --on kind: of the cluster (default: infometis)').argParser(nameOf),
    )
    .option('--context <name>', 'with --on current: of the kubeconfig (default: its current one)')
    .option('--yes', 'go on where it is not clear that the cluster may be touched')
    .option('--dry-run', 'print the commands, and change nothing')
}

export function addUpClusterOptions(command: Command): Command {
  return addClusterOptions(command)
    .addOption(
      new Option('--image <image>', 'REGISTRY/infometis:TAG, where the cluster gets it').argParser(
        parseImage,
      ),
    )
    .option('--push', 'with --image: build it here and push it first')
    .option('--skip-image', 'the nodes have the image already')
    .option('--no-wait', 'do not wait until everything runs')
    .addOption(
      new Option('--timeout <duration>', 'for everything to run (default: 15m)').argParser(milliseconds),
    )
}

export function addDownClusterOptions(command: Command): Command {
  return addClusterOptions(command).option(
    '--delete-data',
    'with --on current: also what the services stored',
  )
}

/** Throws ExitError 1 where options contradict each other. */
export function upChoice(flags: ClusterFlags, on: Target): UpChoice {
  refuseForeign(flags, on)
  refuseImage(flags)
  const { image, push = false, skipImage = false, wait = true, timeout = timeoutMs } = flags
  return {
    ...common(flags, on),
    ...(image === undefined ? {} : { image }),
    push,
    skipImage,
    wait,
    timeoutMs: timeout,
  }
}

export function downChoice(flags: ClusterFlags, on: Target): DownChoice {
  refuseForeign(flags, on)
  return { ...common(flags, on), deleteData: flags.deleteData ?? false }
}

function common(
  { environment = 'dev', name = 'infometis', context, yes = false }: ClusterFlags,
  on: Target,
): Pick<UpChoice, 'on' | 'environment' | 'name' | 'context' | 'yes'> {
  return { on, environment, name, yes, ...(context === undefined ? {} : { context }) }
}

function refuseImage({ image, push = false, skipImage = false }: ClusterFlags): void {
  if (!push) return
  if (image === undefined) throw new ExitError(1, '--push needs --image REGISTRY/infometis:TAG')
  if (image.digest !== undefined)
    throw new ExitError(1, '--push makes a new image, whose digest nobody knows yet: give --image a tag only')
  if (skipImage) throw new ExitError(1, '--push and --skip-image contradict each other')
}

function refuseForeign({ name, context }: ClusterFlags, on: Target): void {
  if (name !== undefined && on !== 'kind')
    throw new ExitError(1, '--name is the name of a kind cluster: --on kind')
  if (context !== undefined && on !== 'current')
    throw new ExitError(1, '--context chooses a cluster that is there: --on current')
}

/** Throws ExitError 1 when an option of one kind of stack was said for the other. */
export function refuseMixed(command: Command, flags: ClusterFlags, local: readonly string[]): void {
  const said = command.options.filter(
    (option) => command.getOptionValueSource(option.attributeName()) === 'cli' && option.long !== '--on',
  )
  const isLocal = (option: Option): boolean => local.includes(option.attributeName())
  const wrong = said.find((option) => isLocal(option) === (flags.on !== undefined))
  if (wrong === undefined) return
  const whose =
    flags.on === undefined ? 'for a cluster: say --on' : 'for this machine’s own stack, without --on'
  throw new ExitError(1, `${wrong.long ?? wrong.flags} is ${whose}`)
}

function nameOf(text: string): string {
  if (clusterName.test(text)) return text
  throw new InvalidArgumentError('a name is made of small letters, digits, dots and dashes')
}
