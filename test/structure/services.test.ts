import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import ts from 'typescript'
import { services } from '../../reconcilers/index.ts'
import { root, serviceFolders, sourceFiles } from './source.ts'

/**
 * What would tie src/ to one service: the names of services and of the packages that only services use. Comments may name one as
 * an example; code may not, neither in an identifier nor in a text, help texts included: they are made of the services' own data.
 */
const names = serviceFolders()
const vendorPackages = new Set(
  sourceFiles()
    .filter(({ path, isTest }) => path.startsWith('reconcilers/') && !isTest)
    .flatMap(({ packages }) => packages)
    .filter((name) => !name.startsWith('node:') && name !== 'zod'),
)

const tokenKinds = new Set([
  ts.SyntaxKind.Identifier,
  ts.SyntaxKind.PrivateIdentifier,
  ts.SyntaxKind.StringLiteral,
  ts.SyntaxKind.NoSubstitutionTemplateLiteral,
  ts.SyntaxKind.TemplateHead,
  ts.SyntaxKind.TemplateMiddle,
  ts.SyntaxKind.TemplateTail,
  ts.SyntaxKind.RegularExpressionLiteral,
])

/** `path:line text` of each identifier, text and pattern that holds one of the words, whatever their case. */
function mentions(path: string, text: string, words: readonly string[]): readonly string[] {
  const found: string[] = []
  const source = ts.createSourceFile(path, text, ts.ScriptTarget.ES2024, true)
  const visit = (node: ts.Node): void => {
    if (tokenKinds.has(node.kind)) {
      const token = node.getText()
      if (words.some((word) => token.toLowerCase().includes(word.toLowerCase())))
        found.push(`${path}:${source.getLineAndCharacterOfPosition(node.getStart()).line + 1} ${token}`)
    }
    ts.forEachChild(node, visit)
  }
  visit(source)
  return found
}

describe('src/', () => {
  const files = globSync('src/**/*.{ts,mjs}', { cwd: root })
    .filter((path) => !path.endsWith('.test.ts'))
    .sort()

  it('names no service and no package of one: adding a service needs no edit there', () => {
    const words = [...names, ...Object.values(services).map(({ title }) => title), ...vendorPackages]
    assert.ok(names.length >= 2 && vendorPackages.size >= 2, 'there is something to look for')
    const found = files.flatMap((path) => mentions(path, readFileSync(join(root, path), 'utf8'), words))
    assert.deepEqual(found, [])
  })

  it('holds only files that are about no service by their own name', () => {
    const wrong = globSync('src/**/*', { cwd: root }).filter((path) =>
      names.some((name) => path.includes(name)),
    )
    assert.deepEqual(wrong, [])
  })
})

describe('what looks for names of services', () => {
  const cases: readonly (readonly [string, number])[] = [
    [`const kafkaPort = 1`, 1],
    ['const text = `on ${where} runs Kafka`', 1],
    [`import { a } from '@platformatic/kafka'`, 1],
    [`const pattern = /kafka-\\d/`, 1],
    [`const options = { 'kafka-port': 1 }`, 1],
    [`// kafka\n/** \`kafka\` */\nconst service = 1`, 0],
  ]
  for (const [text, count] of cases)
    it(`${count === 0 ? 'leaves' : 'sees'} ${JSON.stringify(text)}`, () =>
      assert.equal(mentions('a.ts', text, ['kafka']).length, count))
})
