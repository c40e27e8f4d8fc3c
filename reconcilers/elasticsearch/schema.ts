import { z } from 'zod'
import { parseDuration } from '../../src/core/duration.ts'
import { isObject } from '../../src/core/json.ts'
import { checkMappings } from './mapping-checks.ts'
import { isMarker } from './markers.ts'
import { quote } from '../../src/core/quote.ts'
import { strict } from '../../src/reconcile/unknown-keys.ts'
import { type SettingIssue, flatSettings } from './settings-text.ts'

export { definitionName, indexName, templateName } from './names.ts'

type Members = Readonly<Record<string, unknown>>

/**
 * A map that is Elasticsearch's own business: it passes as it is (`z.record` would lose a member `__proto__`), with the issues
 * that `check` finds.
 */
function free(what: string, check: (members: Members) => readonly SettingIssue[] = () => []) {
  return z
    .unknown()
    .superRefine((value, context) => {
      if (!isObject(value)) {
        context.addIssue({ code: 'custom', message: `must be a map ${what}; ${quote(value)} is not` })
        return
      }
      for (const { path, message } of check(value))
        context.addIssue({ code: 'custom', path: [...path], message })
    })
    .transform((value) => value as Members)
    .meta({ type: 'object' })
}

function checkAliases(aliases: Members): readonly SettingIssue[] {
  return Object.entries(aliases).flatMap(([name, alias]) => {
    if (!isObject(alias))
      return [{ path: [name], message: `must be a map, {} for a plain alias; ${quote(alias)} is not` }]
    if (isMarker(name))
      return [{ path: [name], message: 'is a mark that InfoMetis sets by itself; leave it out' }]
    return Object.keys(alias)
      .filter((key) => !aliasKeys.includes(key))
      .map((key) => ({
        path: [name, key],
        message: `is not known here; an alias has ${aliasKeys.join(', ')}`,
      }))
  })
}

const aliasKeys = ['filter', 'routing', 'index_routing', 'search_routing', 'is_write_index', 'is_hidden']

/** A time as people write it; it stays text, so that what is written can be read again. */
function time(what: string, [min, max]: readonly [number, number], range: string) {
  const error = ({ input }: { readonly input?: unknown }) =>
    `${what} is a time ${range}, such as "30s"; ${quote(input)} is not`
  const inRange = (text: string) => {
    const ms = parseDuration(text)
    return ms !== undefined && ms >= min && ms <= max
  }
  return z.string({ error }).refine(inRange, { error })
}

const settings = free('from setting to value', (written) => flatSettings(written).issues).describe(
  'Index settings in any spelling Elasticsearch takes: nested, flat, with or without "index.".',
)
const mappings = free('of mapping parameters', checkMappings).describe(
  'Mappings as in the create index API: properties, dynamic, dynamic_templates, runtime, _meta …',
)
const aliases = free('from alias to its definition', checkAliases).describe(
  'Aliases by name, {} for a plain one; filter, routing and is_write_index as in the create index API.',
)

const indexShape = {
  settings: settings.optional(),
  mappings: mappings.optional(),
  aliases: aliases.optional(),
  'on-incompatible': z
    .enum(['hold', 'reindex'], {
      error: ({ input }) => `on-incompatible is "hold" or "reindex"; ${quote(input)} is neither`,
    })
    .optional()
    .describe(
      'What a change does that needs a new index: "hold" (default) waits for approval, "reindex" does it behind the alias.',
    ),
  'max-write-block': time('max-write-block', [1_000, 600_000], 'from 1s to 10m')
    .optional()
    .describe('How long a reindex may keep writers out at most. Default: 30s.'),
  'keep-old-index': time('keep-old-index', [0, 31_622_400_000], 'of at most 366d')
    .optional()
    .describe('How long the old index stays as the way back after a reindex. Default: 24h.'),
}

/** Where people look for a key that stands one level deeper. */
const misplaced: Readonly<Record<string, string>> = {
  properties: 'mappings.properties',
  dynamic: 'mappings.dynamic',
  runtime: 'mappings.runtime',
  index: 'settings.index',
  number_of_shards: 'settings.number_of_shards',
  number_of_replicas: 'settings.number_of_replicas',
  refresh_interval: 'settings.refresh_interval',
  analysis: 'settings.analysis',
}

/** One entry of `indices.yaml`. What is left out is not compared; at creation the server's default fills it. */
export const indexSchema = z.strictObject(indexShape, { error: strict('an index', indexShape, misplaced) })

const templateShape = {
  settings: settings.optional(),
  mappings: mappings.optional(),
  aliases: aliases.optional(),
  lifecycle: free('of a data stream’s lifecycle').optional().describe('Data stream lifecycle.'),
  data_stream_options: free('of data stream options').optional().describe('Data stream options.'),
}
const template = z
  .strictObject(templateShape, { error: strict('a template', templateShape, misplaced) })
  .describe('What an index gets: settings, mappings, aliases.')

const meta = free('of anything').describe('Anything; Elasticsearch only keeps it.')
const version = z
  .int({ error: ({ input }) => `version is a whole number; ${quote(input)} is not` })
  .describe('A number of your own; Elasticsearch only keeps it.')
const common = {
  version: version.optional(),
  _meta: meta.optional(),
  deprecated: z.boolean().optional().describe('True: whoever uses it gets a warning.'),
}

const componentShape = { template, ...common }

/** One entry of `component-templates.yaml`: the body of `PUT _component_template`. */
export const componentTemplateSchema = z.strictObject(componentShape, {
  error: strict('a component template', componentShape, under('template')),
})

const name = z.string().min(1)
const patterns = z.union([name, z.array(name).min(1)], {
  error: 'index_patterns is a pattern such as "logs-*", or a list of at least one',
})
const templateNames = z.array(name, { error: 'must be a list of names of component templates' })
const indexTemplateShape = {
  index_patterns: patterns.describe('The indices that it is for: "logs-*", or a list.'),
  template: template.optional(),
  composed_of: templateNames.optional().describe('Component templates, the later ones winning.'),
  ignore_missing_component_templates: templateNames
    .optional()
    .describe('Those of composed_of that need not be there.'),
  priority: z
    .int({ error: ({ input }) => `priority is a whole number of at least 0; ${quote(input)} is not` })
    .min(0)
    .optional()
    .describe('Of several templates that match, the highest is taken.'),
  data_stream: free('of data stream options')
    .optional()
    .describe('Present: the matching names are data streams.'),
  allow_auto_create: z.boolean().optional().describe('Overrides action.auto_create_index for these names.'),
  ...common,
}

/** One entry of `index-templates.yaml`: the body of `PUT _index_template`. */
export const indexTemplateSchema = z.strictObject(indexTemplateShape, {
  error: strict('an index template', indexTemplateShape, under('template')),
})

function under(parent: string): Readonly<Record<string, string>> {
  return Object.fromEntries(['settings', 'mappings', 'aliases'].map((key) => [key, `${parent}.${key}`]))
}

function checkProcessor(processor: Members): readonly SettingIssue[] {
  if (Object.keys(processor).length === 1) return [...largeIntegers(processor, [])]
  return [{ path: [], message: 'must have exactly one member: {"set": {…}}' }]
}

/** As text it would be another value, which a processor puts into documents. */
function* largeIntegers(value: unknown, path: readonly string[]): Iterable<SettingIssue> {
  if (typeof value === 'bigint') {
    yield { path, message: `${value} is more than a JSON number holds exactly (2^53); write it in quotes` }
  }
  if (typeof value !== 'object' || value === null) return
  for (const [name, member] of Object.entries(value)) yield* largeIntegers(member, [...path, name])
}

const processors = z.array(free('from a processor’s type to its options', checkProcessor), {
  error: 'must be a list of processors such as {"set": {"field": "a", "value": 1}}',
})
const pipelineShape = {
  description: z.string().optional().describe('What it is for.'),
  processors: processors.describe('What is done with each document, in this order.'),
  on_failure: processors.optional().describe('What is done when a processor fails.'),
  ...common,
}

/** One entry of `ingest-pipelines.yaml`: the body of `PUT _ingest/pipeline`. */
export const pipelineSchema = z.strictObject(pipelineShape, { error: strict('a pipeline', pipelineShape) })

const policyShape = {
  phases: free('from phase to what happens in it', checkPhases).describe('hot, warm, cold, frozen, delete.'),
  _meta: meta.optional(),
  deprecated: common.deprecated,
}

/** One entry of `ilm-policies.yaml`: the `policy` of `PUT _ilm/policy`. Only what is written is compared. */
export const policySchema = z.strictObject(policyShape, {
  error: strict('a policy', policyShape, { policy: 'phases' }),
})

function checkPhases(phases: Members): readonly SettingIssue[] {
  return Object.entries(phases).flatMap(([phase, value]) =>
    isObject(value)
      ? []
      : [{ path: [phase], message: `must be a map of min_age and actions; ${quote(value)} is not` }],
  )
}

export type WrittenIndex = z.output<typeof indexSchema>
export type WrittenComponentTemplate = z.output<typeof componentTemplateSchema>
export type WrittenIndexTemplate = z.output<typeof indexTemplateSchema>
export type WrittenPipeline = z.output<typeof pipelineSchema>
export type WrittenPolicy = z.output<typeof policySchema>
