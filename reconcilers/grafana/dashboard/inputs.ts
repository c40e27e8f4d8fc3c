import { isList, isMap } from '../../../src/core/canonical.ts'
import { objectOf, own, toJsonObject, without } from '../../../src/core/json.ts'
import type { JsonObject } from '../../../src/core/json.ts'
import { listAt, textAt } from '../../../src/core/members.ts'
import { nearest } from '../../../src/core/nearest.ts'
import { quote } from '../../../src/core/quote.ts'
import type { Json } from '../../../src/core/resource.ts'
import { listed } from '../../../src/core/text.ts'
import type { DashboardContent } from '../resource.ts'
import { namedDatasources } from './references.ts'

/** Input → the uid of a datasource, or a text. */
export type Inputs = Readonly<Record<string, string>>

/** What a dashboard exported for others leaves open. */
interface Input {
  readonly name: string
  /** What it stands for, in words. */
  readonly what: string
  /** What it is where nobody says otherwise. */
  readonly value?: string
}

/** Version 2 names what it was exported without in a label of the query. */
const exportLabel = 'grafana.app/export-label'

/** Grafana's own: there is one of each everywhere. */
const ownGroups = new Set(['grafana', 'datasource', '__expr__', '-- Mixed --', '-- Dashboard --'])

/** The spec with every input in the place of its name. Where one has no value its name stays. */
export function resolved(content: DashboardContent, inputs: Inputs): JsonObject {
  const wanted = inputsOf(content)
  const filled = wanted.size === 0 ? content.spec : new Filling(wanted, inputs).fill(content.spec)
  return isMap(filled) ? filled : content.spec
}

export interface InputProblem {
  /** Of `inputs`; empty: of all of it. */
  readonly path: readonly string[]
  readonly message: string
}

/** Inputs that have no value, and values that no input asks for. */
export function inputProblems(content: DashboardContent, inputs: Inputs): readonly InputProblem[] {
  const wanted = inputsOf(content)
  const names = [...wanted.keys()]
  const strange = Object.keys(inputs).filter((name) => !wanted.has(name))
  const problems = strange.map((name) => ({ path: [name], message: noSuch(name, names) }))
  const open = openInputs(content, inputs, wanted)
  const [first] = open
  if (first === undefined) return problems
  const told = open.map(({ name, what }) => `${name} (${what})`)
  const message = `InputNotMapped: the dashboard was exported for others and leaves open ${told.join(', ')}; write "inputs": {${quote(first.name)}: "<uid>"}`
  return [...problems, { path: [], message }]
}

function noSuch(name: string, names: readonly string[]): string {
  const meant = nearest(name, names)
  const hint = meant === undefined ? '' : `; did you mean ${quote(meant)}?`
  const has = names.length === 0 ? 'leaves nothing open' : `has the inputs ${listed(names)}`
  return `is no input of the dashboard, which ${has}${hint}`
}

function openInputs(
  content: DashboardContent,
  inputs: Inputs,
  wanted: ReadonlyMap<string, Input>,
): readonly Input[] {
  const filling = new Filling(wanted, inputs)
  if (wanted.size > 0) filling.fill(content.spec)
  return [...wanted.values()].filter(({ name }) => filling.missing.has(name))
}

/** What is declared, what stands for a datasource without being a variable, and the labels of version 2. */
function inputsOf(content: DashboardContent): ReadonlyMap<string, Input> {
  const { model, spec } = content
  const inputs = new Map<string, Input>()
  for (const declared of listAt(spec, '__inputs')) {
    const input = declaredInput(declared)
    if (input.name !== '') inputs.set(input.name, input)
  }
  if (model === 'v2') for (const input of labels(spec)) inputs.set(input.name, input)
  else
    for (const name of openReferences(content))
      if (!inputs.has(name)) inputs.set(name, { name, what: 'a datasource' })
  return inputs
}

/** `${DS_PROMETHEUS}` in the place of a datasource, where no variable has that name. */
function openReferences(content: DashboardContent): readonly string[] {
  const variables = listAt(own(content.spec, 'templating'), 'list').map((each) => textAt(each, 'name'))
  return [...namedDatasources(content)]
    .map((reference) => /^\$\{(DS_[^}:]+)\}$/.exec(reference)?.[1] ?? '')
    .filter((name) => name !== '' && !variables.includes(name))
}

function declaredInput(declared: unknown): Input {
  const [name, plugin] = [textAt(declared, 'name'), textAt(declared, 'pluginId')]
  const label = textAt(declared, 'label')
  if (textAt(declared, 'type') === 'datasource') {
    const what = `a datasource${plugin === '' ? '' : ` of type ${plugin}`}`
    return { name, what, ...(plugin === '__expr__' && { value: plugin }) }
  }
  const value = own(declared, 'value')
  const isText = typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
  return { name, what: label === '' ? 'a text' : quote(label), ...(isText && { value: String(value) }) }
}

function* labels(value: Json): Iterable<Input> {
  if (isList(value)) for (const each of value) yield* labels(each)
  else if (isMap(value)) {
    const name = labelOf(value)
    if (name !== undefined) yield { name, what: `a datasource of type ${textAt(value, 'group')}` }
    for (const member of Object.values(value)) yield* labels(member)
  }
}

/** Undefined where a datasource is named, or the label means one of Grafana's own. */
function labelOf(query: JsonObject): string | undefined {
  const label = own(query['labels'], exportLabel)
  const isOpen = typeof label === 'string' && label !== '' && !isMap(query['datasource'])
  return isOpen && !ownGroups.has(textAt(query, 'group')) ? label : undefined
}

class Filling {
  /** Inputs that are asked for and have no value. */
  readonly missing = new Set<string>()
  readonly #wanted: ReadonlyMap<string, Input>
  readonly #inputs: Inputs

  constructor(wanted: ReadonlyMap<string, Input>, inputs: Inputs) {
    this.#wanted = wanted
    this.#inputs = inputs
  }

  /** Strings anywhere, as Grafana's own import does it; the declarations are left alone. What holds none is the very same afterwards. */
  fill(value: Json): Json {
    if (typeof value === 'string') return this.#filledText(value)
    if (isList(value)) {
      const list = value.map((each) => this.fill(each))
      return list.some((each, index) => each !== value[index]) ? list : value
    }
    if (!isMap(value)) return value
    const members = Object.entries(value).map(([name, member]) => {
      return [name, untouched.has(name) ? member : this.fill(member)] as const
    })
    const isSame = members.every(([name, member]) => member === value[name])
    return this.#named(value, isSame ? value : objectOf(members))
  }

  #filledText(text: string): string {
    if (!text.includes('${')) return text
    return text.replaceAll(/\$\{([^}]+)\}/g, (whole, name: string) => this.#valueOf(name) ?? whole)
  }

  /** A query of version 2 with the datasource that its label stands for. */
  #named(query: JsonObject, filled: JsonObject): JsonObject {
    const label = labelOf(query)
    const name = label === undefined ? undefined : this.#valueOf(label)
    if (name === undefined) return filled
    const labelled = without(toJsonObject(query['labels']), new Set([exportLabel]))
    const kept = Object.keys(labelled).length === 0 ? [] : [['labels', labelled] as const]
    const others = Object.entries(without(filled, new Set(['labels', 'datasource'])))
    return objectOf([...others, ...kept, ['datasource', objectOf([['name', name]])]])
  }

  #valueOf(name: string): string | undefined {
    const input = this.#wanted.get(name)
    if (input === undefined) return undefined
    const given = own(this.#inputs, name)
    const value = typeof given === 'string' ? given : input.value
    if (value === undefined) this.missing.add(name)
    return value
  }
}

/** What does not go to Grafana anyway. */
const untouched = new Set(['__inputs', '__requires', '__elements'])
