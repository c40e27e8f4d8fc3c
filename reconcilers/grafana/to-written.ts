import { type JsonObject, objectOf, toJsonObject, without } from '../../src/core/json.ts'
import type { Fields } from '../../src/core/resource.ts'
import { secretNameFor } from '../../src/reconcile/secret-reference.ts'
import { spelledSeconds } from './alert-rule/durations.ts'
import { isProvisionedElsewhere } from './alert-rule/provenance.ts'
import type { WrittenRule } from './alert-rule/rule-schema.ts'
import { escaped, inApiWords, withTexts } from './alert-rule/words.ts'
import { isEmpty } from './dashboard/lean.ts'
import { isKeptElsewhere } from './manager.ts'
import { withoutSecrets, withoutUser } from './plain-secrets.ts'
import type { AlertRule, Datasource, Folder } from './resource.ts'
import type { WrittenAlertRule, WrittenDatasource, WrittenFolder } from './schema.ts'

/** Observed → what a person would write. Undefined for what somebody else is in charge of. */
export function toWrittenFolder({ fields, facts }: Folder): WrittenFolder | undefined {
  if (facts === undefined || isKeptElsewhere(facts)) return undefined
  const [title, description, parent] = ['title', 'description', 'parent'].map((path) => textIn(fields, path))
  return {
    title: title ?? '',
    ...(description !== undefined && { description }),
    ...(parent !== undefined && { parent }),
  }
}

/** Nobody can read the value of a secret: the Secrets named here are to be made. What stands in plain text is left out. */
export function toWrittenDatasource({ name, fields, facts }: Datasource): WrittenDatasource | undefined {
  if (facts === undefined || facts.readOnly) return undefined
  const called = textIn(fields, 'name')
  const url = textIn(fields, 'url')
  const texts = ['user', 'database', 'basicAuthUser'] as const
  const flags = ['basicAuth', 'withCredentials', 'isDefault'] as const
  const jsonData = withoutSecrets(membersBelow(fields, 'jsonData.'))
  const secret = secretNameFor(name, 'datasource')
  const secure = [...facts.secure].map((key) => [key, { secret: { name: secret, key } }] as const)
  return {
    ...(called !== undefined && called !== name && { name: called }),
    type: textIn(fields, 'type') ?? '',
    ...(url !== undefined && { url: withoutUser(url) }),
    ...(fields.get('access') === 'direct' && { access: 'direct' as const }),
    ...membersOf(texts, (path) => textIn(fields, path)),
    ...membersOf(flags, (path) => (fields.get(path) === true ? true : undefined)),
    ...(Object.keys(jsonData).length > 0 && { jsonData }),
    ...(secure.length > 0 && { secure: objectOf(secure) }),
  }
}

/** Said by the entry itself, or where the rule says nothing else than Grafana would by itself. */
const saidElsewhere = new Set(['folderUID', 'ruleGroup'])
const defaults: JsonObject = { for: '0s', keep_firing_for: '0s', isPaused: false }

export function toWrittenAlertRule({ fields, facts, rule }: AlertRule): WrittenAlertRule | undefined {
  if (facts === undefined || isProvisionedElsewhere(facts.provenance)) return undefined
  const interval = fields.get('interval')
  const members = Object.entries(without(toJsonObject(inApiWords(rule)), saidElsewhere))
  const said = members.filter(([name, value]) => !isEmpty(value) && value !== defaults[name])
  return {
    folder: textIn(fields, 'folder') ?? '',
    group: escaped(textIn(fields, 'group') ?? ''),
    ...(typeof interval === 'number' && interval !== 60 && { interval: spelledSeconds(interval) }),
    ...(fields.get('edits') === 'locked' && { edits: 'locked' as const }),
    // What Grafana keeps is a rule; one that it lets in and we do not is told by whoever reads the document.
    rule: escapedRule(objectOf(said)) as unknown as WrittenRule,
  }
}

/** Where a `$` stands twice, it is written so that it comes back as two. */
function escapedRule(rule: JsonObject): JsonObject {
  const texts = ['title', 'labels', 'notification_settings']
  return objectOf(
    Object.entries(rule).map(
      ([name, value]) => [name, texts.includes(name) ? withTexts(value, escaped) : value] as const,
    ),
  )
}

/** Those of some members that have a value. */
function membersOf<const N extends string, V>(
  names: readonly N[],
  valueOf: (name: N) => V | undefined,
): { readonly [name in N]?: V } {
  const found: { [name in N]?: V } = {}
  for (const name of names) {
    const value = valueOf(name)
    if (value !== undefined) found[name] = value
  }
  return found
}

function textIn(fields: Fields, path: string): string | undefined {
  const value = fields.get(path)
  return typeof value === 'string' && value !== '' ? value : undefined
}

function membersBelow(fields: Fields, prefix: string): JsonObject {
  return objectOf(
    [...fields].flatMap(([path, value]) =>
      path.startsWith(prefix) ? [[path.slice(prefix.length), value] as const] : [],
    ),
  )
}
