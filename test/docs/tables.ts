import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { z } from 'zod'
import { elasticsearchSettings } from '../../reconcilers/elasticsearch/settings.ts'
import { definitionRules, indexRules } from '../../reconcilers/elasticsearch/rules.ts'
import {
  alertRuleRules,
  dashboardRules,
  datasourceRules,
  folderRules,
} from '../../reconcilers/grafana/rules.ts'
import { grafanaSettings } from '../../reconcilers/grafana/settings.ts'
import { kafkaSettings } from '../../reconcilers/kafka/settings.ts'
import { topicRules } from '../../reconcilers/kafka/rules.ts'
import { contextRules, flowRules } from '../../reconcilers/nifi/rules.ts'
import { nifiSettings } from '../../reconcilers/nifi/settings.ts'
import { runSettings } from '../../src/config.ts'
import { type Rule, commonRules } from '../../src/core/rules.ts'
import { acrossRules } from '../../src/environments/across-rules.ts'
import { environmentRules } from '../../src/environments/examine.ts'
import { reasons } from '../../src/errors.ts'
import { metricsTable } from '../../src/runtime/metric-table.ts'

/** A table in a Markdown file that is made from the code, between `<!-- NAME: begin -->` and `<!-- NAME: end -->`. */
export interface GeneratedTable {
  readonly file: string
  readonly name: string
  readonly table: () => string
}

export const generatedTables: readonly GeneratedTable[] = [
  { file: 'docs/reasons.md', name: 'reasons', table: reasonsTable },
  { file: 'docs/rules.md', name: 'rules', table: () => rulesTable(commonRules) },
  { file: 'docs/validate.md', name: 'environment rules', table: environmentRulesTable },
  { file: 'docs/settings.md', name: 'settings', table: () => settingsTable(runSettings) },
  { file: 'src/runtime/README.md', name: 'metrics', table: metricsTable },
  { file: 'reconcilers/kafka/README.md', name: 'rules', table: () => rulesTable(topicRules) },
  { file: 'reconcilers/kafka/README.md', name: 'settings', table: () => settingsTable(kafkaSettings) },
  {
    file: 'reconcilers/elasticsearch/README.md',
    name: 'rules',
    table: () => rulesTable([...indexRules, ...definitionRules.filter(isNotAnIndexRule)]),
  },
  {
    file: 'reconcilers/elasticsearch/README.md',
    name: 'settings',
    table: () => settingsTable(elasticsearchSettings),
  },
  {
    file: 'reconcilers/nifi/README.md',
    name: 'rules',
    table: () => rulesTable([...flowRules, ...contextRules]),
  },
  { file: 'reconcilers/nifi/README.md', name: 'settings', table: () => settingsTable(nifiSettings) },
  {
    file: 'reconcilers/grafana/README.md',
    name: 'rules',
    table: () => rulesTable([...folderRules, ...datasourceRules, ...dashboardRules, ...alertRuleRules]),
  },
  { file: 'reconcilers/grafana/README.md', name: 'settings', table: () => settingsTable(grafanaSettings) },
]

/** Rules that hold for indices too stand in the table once. */
function isNotAnIndexRule({ code }: Rule<never>): boolean {
  return !indexRules.some((rule) => rule.code === code)
}

function reasonsTable(): string {
  const rows = Object.entries(reasons).map(([reason, { retryable, advice }]) => [
    `\`${reason}\``,
    retryable ? 'tried again' : 'waits for a change',
    advice,
  ])
  return markdown(['reason', 'then', 'way out'], rows)
}

function rulesTable(rules: readonly Rule<never>[]): string {
  const rows = rules.map(({ code, severity, says, wayOut }) => [`\`${code}\``, severity, says, wayOut])
  return markdown(['code', 'severity', 'the rule', 'way out'], rows)
}

function environmentRulesTable(): string {
  const rows = [...environmentRules, ...acrossRules].map(({ code, says }) => [`\`${code}\``, says])
  return markdown(['code', 'the rule'], rows)
}

/** Defaults as they are written in an environment, not as they are read. */
function settingsTable(settings: z.ZodType): string {
  const { properties = {} } = z.toJSONSchema(settings, { io: 'input', unrepresentable: 'any' })
  const rows = Object.entries(properties).map(([name, schema]) => {
    const { default: value, description = '' } = typeof schema === 'boolean' ? {} : schema
    const text = typeof value === 'string' ? value : JSON.stringify(value ?? '')
    const shown = ['', '""', '[]'].includes(text) ? '' : `\`${text}\``
    return [`\`${name}\``, shown, description]
  })
  return markdown(['variable', 'default', 'what it is'], rows)
}

function markdown(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`
  return [line(head), `|${head.map(() => '---').join('|')}|`, ...rows.map(line)].join('\n')
}

/** The text with the table in its place; undefined where it has none. */
export function withTable(text: string, { name, table }: GeneratedTable): string | undefined {
  const [begin, end] = [`<!-- ${name}: begin -->`, `<!-- ${name}: end -->`]
  const [from, to] = [text.indexOf(begin), text.indexOf(end)]
  if (from < 0 || to < from) return undefined
  return `${text.slice(0, from)}${begin}\n\n${table()}\n\n${text.slice(to)}`
}

/** The text of a file in the project, by its path from the root; undefined when there is none. */
export async function readProjectFile(file: string): Promise<string | undefined> {
  const at = new URL(`../../${file}`, import.meta.url)
  return existsSync(at) ? readFile(at, 'utf8') : undefined
}
