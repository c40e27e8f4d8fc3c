#!/usr/bin/env node
// The first command on a fresh clone: plain JavaScript without dependencies, because it runs before they are installed and under
// Node 20, whose users need not know that the rest wants Node 24.
import { spawn, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import * as fs from 'node:fs'
import { constants, platform } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

const root = dirname(dirname(fs.realpathSync(fileURLToPath(import.meta.url))))
const modules = join(root, 'node_modules')
const dist = join(root, 'dist')
const installedMark = join(modules, '.infometis-installed')
const builtMark = join(dist, '.built')
const oldestNode = [24, 6]
const digest = (text) => createHash('sha256').update(text).digest('hex')

class Problem extends Error {}

try {
  process.exitCode = await main(process.argv.slice(2))
} catch (error) {
  if (!(error instanceof Problem)) throw error
  process.stderr.write(`error: ${error.message}\n`)
  process.exitCode = 1
}

async function main(args) {
  await install()
  const node = findNode()
  process.env.PATH = [join(modules, '.bin'), process.env.PATH ?? ''].join(delimiter)
  if (args[0] === '--script') return run(node, args.slice(1))
  if (args[0] === '--build') {
    await build({ force: true })
    return 0
  }
  await build({ force: false })
  return run(node, ['--enable-source-maps', join(dist, 'main.mjs'), ...args])
}

/** Runs `npm ci` unless node_modules holds what package-lock.json says. */
async function install() {
  const lockText = fs.readFileSync(join(root, 'package-lock.json'), 'utf8')
  if (isInstalled(lockText)) return
  await withLock(join(dist, '.install.lock'), 'npm ci', () => {
    if (isInstalled(lockText)) return
    process.stderr.write('Installing dependencies (npm ci), about a minute the first time …\n')
    const [npm, ...prefix] = npmCommand()
    const result = spawnSync(npm, [...prefix, 'ci', '--no-audit', '--no-fund', '--loglevel=error'], {
      cwd: root,
      stdio: ['ignore', 2, 2],
    })
    if (result.error !== undefined) {
      throw new Problem(`cannot run npm (${result.error.message}): install npm, which comes with Node.js`)
    }
    if (result.status !== 0) {
      throw new Problem(
        'npm ci failed (its words are above): check the network and the registry or proxy that npm is configured with, then run the command again',
      )
    }
    linkCommand()
    fs.writeFileSync(installedMark, digest(lockText))
  })
}

function isInstalled(lockText) {
  if (readText(installedMark) === digest(lockText)) return true
  if (!matchesHiddenLock(lockText)) return false
  // Somebody ran npm themselves: that is as good.
  linkCommand()
  fs.writeFileSync(installedMark, digest(lockText))
  return true
}

/** npm keeps what it installed in node_modules/.package-lock.json. Optional packages may be missing: they are for other platforms. */
function matchesHiddenLock(lockText) {
  const ourNode = `node_modules/node-${process.platform}-${process.arch}`
  const hidden = readText(join(modules, '.package-lock.json'))
  if (hidden === undefined) return false
  try {
    const wanted = Object.entries(JSON.parse(lockText).packages).filter(([path]) => path !== '')
    const present = JSON.parse(hidden).packages
    return wanted.every(([path, entry]) => {
      if (present[path] === undefined) return entry.optional === true && path !== ourNode
      return present[path].version === entry.version && fs.existsSync(join(root, path))
    })
  } catch {
    return false
  }
}

/** `npx infometis` looks for the command in node_modules/.bin, where npm links every package’s but the root’s own. */
function linkCommand() {
  const link = join(modules, '.bin', 'infometis')
  try {
    fs.mkdirSync(dirname(link), { recursive: true })
    fs.symlinkSync('../../src/bootstrap.mjs', link)
  } catch (error) {
    if (error.code !== 'EEXIST') throw error
  }
}

/** The npm that started us, else the one on the PATH. */
function npmCommand() {
  const script = process.env.npm_execpath
  if (script !== undefined && /npm-cli\.js$/.test(script)) return [process.execPath, script]
  return [platform() === 'win32' ? 'npm.cmd' : 'npm']
}

/** This Node when it is new enough, else the locked one. */
function findNode() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
  if (major > oldestNode[0] || (major === oldestNode[0] && minor >= oldestNode[1])) return process.execPath
  const locked = join(modules, `node-${process.platform}-${process.arch}`, 'bin', 'node')
  if (fs.existsSync(locked)) return locked
  throw new Problem(
    `InfoMetis needs Node.js ${oldestNode.join('.')} or newer and this is ${process.versions.node}; for ${process.platform}-${process.arch} none comes with it: install Node.js 24`,
  )
}

/** Bundles into dist/ when something is newer than the last bundle. */
async function build({ force }) {
  if (!force && isBuilt()) return
  await withLock(join(dist, '.build.lock'), 'the build', async () => {
    if (!force && isBuilt()) return
    const started = new Date()
    const esbuild = await import(pathToFileURL(join(modules, 'esbuild', 'lib', 'main.js')).href)
    const result = await bundle(esbuild.default ?? esbuild)
    write(result.outputFiles)
    fs.writeFileSync(join(dist, 'meta.json'), JSON.stringify(result.metafile))
    fs.writeFileSync(builtMark, '')
    // Sources saved while we bundled are newer than this.
    fs.utimesSync(builtMark, started, started)
  })
}

/**
 * Packages that do nothing when they are merely imported, but do not say so in their package.json. Told here, esbuild leaves out
 * what is not used of them: a running reconciler is 20 MB smaller and starts 90 ms sooner.
 */
function withoutSideEffects(packages) {
  const names = packages.map((name) => name.replace('/', '[\\\\/]')).join('|')
  const pure = new RegExp(`[\\\\/](${names})[\\\\/]`)
  return {
    name: 'without-side-effects',
    setup(build) {
      build.onResolve({ filter: new RegExp(`^\\.|^(${names})`) }, async (args) => {
        if (args.pluginData === pure) return undefined
        const { importer, resolveDir, kind } = args
        const resolved = await build.resolve(args.path, { importer, resolveDir, kind, pluginData: pure })
        return pure.test(resolved.path) ? { ...resolved, sideEffects: false } : resolved
      })
    },
  }
}

/**
 * What a package loads and we never use of it: a stub stands in for it, which throws when it is used after all. A reconciler of
 * Elasticsearch is some 20 MB smaller without undici, in whose place it has node:http, and OpenTelemetry, which nobody switches on.
 */
function unused(packages) {
  return {
    name: 'unused',
    setup(build) {
      for (const [name, imports] of Object.entries(packages)) {
        const owner = join(modules, name, '/')
        const filter = new RegExp(`^(${imports.join('|')})$`)
        build.onResolve({ filter }, ({ path, importer }) =>
          importer.startsWith(owner) ? { path, pluginData: name, namespace: 'unused' } : undefined,
        )
      }
      build.onLoad({ filter: /.*/, namespace: 'unused' }, ({ path, pluginData }) => ({
        contents: `module.exports = new Proxy({}, { get(_, name) {
          throw new Error('${path} is left out of the bundle for ${pluginData} (package.json), which asks for ' + String(name))
        } })`,
      }))
    },
  }
}

async function bundle(esbuild) {
  // What the packages of each service need stands in package.json, beside their versions.
  const { bundle: known } = JSON.parse(fs.readFileSync(join(root, 'package.json'), 'utf8'))
  try {
    return await esbuild.build({
      absWorkingDir: root,
      entryPoints: { main: 'src/main.ts' },
      outdir: dist,
      outExtension: { '.js': '.mjs' },
      chunkNames: 'chunks/[name]-[hash]',
      bundle: true,
      format: 'esm',
      platform: 'node',
      target: 'node24',
      splitting: true,
      sourcemap: 'linked',
      sourcesContent: false,
      minifySyntax: true,
      minifyWhitespace: true,
      plugins: [unused(known.unused), withoutSideEffects(known.withoutSideEffects)],
      // Native add-ons are files of their own; what loads them can do without.
      external: ['@node-rs/*'],
      // A package may have a second face with its WebAssembly inside, where the first reads a file beside itself; or hand on a
      // smaller one, which is all that we use.
      alias: known.alias,
      // CommonJS dependencies call require, which an ES module does not have.
      banner: {
        js: "import { createRequire as bundleRequire } from 'node:module'; const require = bundleRequire(import.meta.url);",
      },
      logLevel: 'warning',
      metafile: true,
      write: false,
    })
  } catch {
    throw new Problem('the sources cannot be bundled; esbuild’s words are above')
  }
}

/**
 * main.mjs last and each file by a rename, so that whoever starts meanwhile sees the old bundle or the new. Chunks of the last day
 * stay: a process that runs from an older bundle still loads some of them.
 */
function write(outputFiles) {
  const isMain = (file) => /main\.mjs$/.test(file.path)
  const ordered = [...outputFiles].sort((a, b) => Number(isMain(a)) - Number(isMain(b)))
  for (const { path, contents } of ordered) {
    fs.mkdirSync(dirname(path), { recursive: true })
    const fresh = `${path}.${process.pid}`
    fs.writeFileSync(fresh, contents)
    fs.renameSync(fresh, path)
  }
  const current = new Set(outputFiles.map((file) => file.path))
  const chunks = join(dist, 'chunks')
  for (const name of fs.existsSync(chunks) ? fs.readdirSync(chunks) : []) {
    const file = join(chunks, name)
    if (!current.has(file) && fs.statSync(file).mtimeMs < Date.now() - 86_400_000) fs.rmSync(file)
  }
}

function isBuilt() {
  const built = modified(builtMark)
  if (built === 0 || !fs.existsSync(join(dist, 'main.mjs'))) return false
  const sources = [
    join(root, 'package.json'),
    installedMark,
    ...filesBelow(join(root, 'src')),
    ...filesBelow(join(root, 'reconcilers')),
  ]
  return sources.every((file) => modified(file) < built)
}

/** Source files, and the folders themselves: removing a file changes its folder. */
function* filesBelow(directory) {
  yield directory
  for (const entry of fs.readdirSync(directory, { withFileTypes: true })) {
    const path = join(directory, entry.name)
    if (entry.isDirectory()) yield* filesBelow(path)
    else if (/\.(ts|mjs|json)$/.test(entry.name) && !/\.test\.ts$/.test(entry.name)) yield path
  }
}

function modified(file) {
  return fs.statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0
}

/** Runs Node with our own streams; its exit code is ours, and so is a signal that ends it. */
async function run(node, args) {
  const child = spawn(node, args, { stdio: 'inherit' })
  const forward = (signal) => {
    // Ctrl-C reaches everything in the terminal’s foreground by itself; a second copy would mean "do not wait".
    if (signal === 'SIGINT' && isForeground()) return
    child.kill(signal)
  }
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, forward)
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', (code, signal) => resolve(signal === null ? code : 128 + constants.signals[signal]))
  })
}

/** True in the foreground process group of a terminal: fields 5 and 8 of /proc/self/stat. */
function isForeground() {
  const text = readText('/proc/self/stat')
  if (text === undefined) return process.stdin.isTTY === true
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
  return fields[2] === fields[5]
}

/** One at a time over processes; a holder that is dead is no holder. */
async function withLock(file, what, work) {
  fs.mkdirSync(dirname(file), { recursive: true })
  const mine = `${file}.${process.pid}`
  fs.writeFileSync(mine, JSON.stringify({ pid: process.pid, start: startTime(process.pid) }))
  try {
    for (let told = false; !tryLink(mine, file);) {
      const holder = readText(file)
      if (!isAlive(holder)) {
        if (readText(file) === holder) fs.rmSync(file, { force: true })
        continue
      }
      if (!told) process.stderr.write(`Waiting for pid ${JSON.parse(holder).pid}, which is at ${what} …\n`)
      told = true
      await new Promise((resolve) => setTimeout(resolve, 200))
    }
    try {
      return await work()
    } finally {
      fs.rmSync(file, { force: true })
    }
  } finally {
    fs.rmSync(mine, { force: true })
  }
}

function tryLink(from, to) {
  try {
    fs.linkSync(from, to)
    return true
  } catch (error) {
    if (error.code === 'EEXIST') return false
    throw error
  }
}

function isAlive(holder) {
  try {
    const { pid, start } = JSON.parse(holder)
    process.kill(pid, 0)
    return startTime(pid) === start
  } catch (error) {
    return error.code === 'EPERM'
  }
}

/** Tells a process from a later one of the same pid, where /proc can say so. */
function startTime(pid) {
  const text = readText(`/proc/${pid}/stat`)
  return text?.slice(text.lastIndexOf(')') + 2).split(' ')[19] ?? ''
}

function readText(file) {
  try {
    return fs.readFileSync(file, 'utf8')
  } catch {
    return undefined
  }
}
