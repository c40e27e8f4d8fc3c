import assert from 'node:assert/strict'
import { existsSync, globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import ts from 'typescript'
import { services as known } from '../../reconcilers/index.ts'
import { type Rule, commonRules } from '../../src/core/rules.ts'
import { generatedTables, readProjectFile, withTable } from '../docs/tables.ts'
import { root, serviceFolders, sourceFiles } from './source.ts'

const files = sourceFiles()
const services = serviceFolders()

describe('every service', () => {
  it('is in reconcilers/index.ts, and nothing else is', () => {
    assert.deepEqual(Object.keys(known).sort(), services.toSorted())
  })

  for (const service of services) {
    const folder = join(root, 'reconcilers', service)
    const has = (file: string) => existsSync(join(folder, file))

    it(`${service} has the same files as every other`, () => {
      const missing = [
        'schema.ts',
        'normalize.ts',
        'rules.ts',
        'fake.ts',
        'reconciler.ts',
        'description.ts',
        join('stack', 'service.ts'),
        'README.md',
      ].filter((file) => !has(file))
      assert.deepEqual(missing, [])
      assert.ok(has('client.ts') !== has('client'), 'a client, or a folder of that name')
      assert.ok(globSync('*.test.ts', { cwd: folder }).length > 0, 'tests')
      assert.ok(globSync('examples/*.{yaml,json}', { cwd: folder }).length > 0, 'examples')
    })

    it(`${service} can be deployed, and is part of the development environment`, () => {
      assert.ok(existsSync(join(root, 'deploy', service, 'kustomization.yaml')))
      for (const environment of ['base', 'dev']) {
        const desired = join(root, 'environments', environment, 'desired', service)
        assert.ok(existsSync(join(desired, 'kustomization.yaml')), desired)
      }
    })

    it(`${service} calls itself by the name of its folder`, async () => {
      assert.equal((await known[service]?.reconciler())?.kind, service)
    })

    it(`${service} has a test for each rule, with the rule’s sentence as its name`, async () => {
      const reconciler = await known[service]?.reconciler()
      const rules = reconciler?.types.flatMap((type) => type.rules) ?? []
      assert.ok(rules.length > 0)
      assert.deepEqual(untested(rules, `reconcilers/${service}/`), [])
    })
  }

  it('shares the common rules, each with a test whose name is its sentence', () => {
    assert.deepEqual(untested(commonRules, 'src/core/'), [])
  })
})

/** Rules without a test: their sentence stands in none, nor are they in a table of cases that takes names from the rules. */
function untested(rules: readonly Rule<never>[], under: string): readonly string[] {
  const tests = files
    .filter(({ path }) => path.startsWith(under) && path.endsWith('.test.ts'))
    .map(({ text }) => text)
  return rules
    .filter(
      ({ code, says }) =>
        !tests.some(
          (text) =>
            text.includes(says) ||
            (text.includes('describe(rule.says') && new RegExp(`\\b${code}\\b`).test(text)),
        ),
    )
    .map(({ code }) => code)
}

describe('every file', () => {
  it('that is no test is short: at most 300 lines, and src/main.ts at most 35', () => {
    const most = (path: string) => (path === 'src/main.ts' ? 35 : 300)
    const code = files.filter(({ isTest }) => !isTest)
    const long = code.filter(({ path, text }) => text.trimEnd().split('\n').length > most(path))
    assert.deepEqual(
      long.map(({ path }) => path),
      [],
    )
  })

  it('runs all of its tests: none alone, none without a body', () => {
    const wrong = files.filter(({ isTest }) => isTest).flatMap(({ path, text }) => suspects(path, text))
    assert.deepEqual(wrong, [])
  })

  it('exports by name', () => {
    assert.deepEqual(
      files.filter(({ text }) => /^export default/m.test(text)).map(({ path }) => path),
      [],
    )
  })
})

const testFunctions = new Set(['it', 'test', 'describe', 'suite'])

/** Tests that leave others out, or that do nothing: `it.only`, `it('later')`, `it('empty', () => {})`. */
function suspects(path: string, text: string): readonly string[] {
  const found: string[] = []
  const source = ts.createSourceFile(path, text, ts.ScriptTarget.ES2024, true)
  const visit = (node: ts.Node): void => {
    if (ts.isCallExpression(node)) {
      const flaw = flawOf(node)
      if (flaw !== undefined)
        found.push(`${path}:${source.getLineAndCharacterOfPosition(node.getStart()).line + 1} ${flaw}`)
    }
    ts.forEachChild(node, visit)
  }
  visit(source)
  return found
}

function flawOf({ expression, arguments: given }: ts.CallExpression): string | undefined {
  const [base = '', word] = expression.getText().split('.')
  if (!testFunctions.has(base)) return undefined
  if (word === 'only' || word === 'todo') return `.${word}`
  const body = given.find((each) => ts.isArrowFunction(each) || ts.isFunctionExpression(each))
  const skipped = given.some(
    (each) => /\b(skip|todo)\b/.test(each.getText()) && ts.isObjectLiteralExpression(each),
  )
  if (body === undefined)
    return given.length === 1 && ts.isStringLiteralLike(given[0] ?? expression) && !skipped
      ? 'has no body'
      : undefined
  return ts.isBlock(body.body) && body.body.statements.length === 0 ? 'is empty' : undefined
}

describe('what looks for tests that do nothing', () => {
  const cases: readonly (readonly [string, number])[] = [
    [`it('a', () => assert.ok(1))`, 0],
    [`it.only('a', () => assert.ok(1))`, 1],
    [`it('later')`, 1],
    [`it('a', async () => {})`, 1],
    [`describe('a', { concurrency: 1 }, () => { it('b', run) })`, 0],
  ]
  for (const [text, count] of cases)
    it(`sees ${text}`, () => assert.equal(suspects('a.test.ts', text).length, count))
})

describe('every table that is made from the code', () => {
  for (const table of generatedTables) {
    it(`${table.name} in ${table.file} is as the code has it (npm run docs)`, async () => {
      const text = await readProjectFile(table.file)
      assert.ok(text !== undefined, `${table.file} is missing`)
      const made = withTable(text, table)
      if (table.file.startsWith('docs/')) assert.notEqual(made, undefined, 'its markers are missing')
      if (made !== undefined) assert.equal(text, made)
    })
  }

  it('is linked from somewhere that people read', () => {
    const read = [...globSync('*.md', { cwd: root }), ...globSync('{docs,deploy,src}/**/*.md', { cwd: root })]
    const text = read.map((file) => readFileSync(join(root, file), 'utf8')).join('\n')
    for (const file of ['reasons.md', 'settings.md', 'rules.md']) assert.ok(text.includes(file), file)
  })
})
