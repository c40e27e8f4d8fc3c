import assert from 'node:assert/strict'
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { testPlaces } from '../../support/places.ts'
import { aptInstall, missingPackages, noApt, notRoot, superuserPath } from './packages.ts'

describe('Debian packages', () => {
  let directory: string
  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'infometis-apt-'))
  })
  after(async () => rm(directory, { recursive: true }))

  const program = async (name: string, script: string): Promise<void> => {
    await writeFile(join(directory, name), `#!/bin/sh\n${script}\n`)
    await chmod(join(directory, name), 0o755)
  }

  it('are missing where nothing of them is found, and not where the program came from elsewhere', async () => {
    assert.ok(missingPackages(directory).includes('nftables'))
    await program('nft', 'exit 0')
    assert.ok(!missingPackages(directory).includes('nftables'))
  })

  it('are looked for where the superuser’s programs are, too', () => {
    assert.deepEqual(superuserPath('/a').split(delimiter), ['/a', '/usr/local/sbin', '/usr/sbin', '/sbin'])
    assert.equal(superuserPath('').split(delimiter)[0], '/usr/local/sbin')
  })

  it('are installed after the lists were refreshed, when that was why it failed', async () => {
    const log = join(directory, 'log')
    const succeedsAfterUpdate = `echo "$*" >> ${log}; case "$*" in *install*) grep -q update ${log};; esac`
    await program('apt-get', succeedsAfterUpdate)
    const path = [directory, testPlaces().path].join(delimiter)
    const said: string[] = []
    const options = { places: { ...testPlaces(), path }, launch: { env: {} } }
    await aptInstall(['runc'], { ...options, say: (line) => said.push(line) })
    const commands = (await readFile(log, 'utf8')).trimEnd().split('\n')
    assert.deepEqual(
      commands.map((line) => /install|update/.exec(line)?.[0]),
      ['install', 'update', 'install'],
    )
    assert.match(commands[2] ?? '', / install --yes --no-install-recommends runc$/)
    assert.deepEqual(said, ['installing Debian packages: runc', 'refreshing the package lists'])
  })

  it('that cannot be installed are named, with the way out', async () => {
    await program('apt-get', 'echo "E: no space left on device" >&2; exit 100')
    const path = [directory, testPlaces().path].join(delimiter)
    const options = { places: { ...testPlaces(), path }, launch: { env: {} } }
    await assert.rejects(aptInstall(['runc'], options), /apt-get .* exit code 100: E: no space left/)
    assert.match(notRoot(['runc']), /needs root on Linux .*install runc.*sudo/)
    assert.match(notRoot([]), /needs root on Linux to make namespaces, mounts and cgroups: run it with sudo/)
    assert.match(noApt(['runc', 'nftables']), /needs runc nftables, and there is no apt-get/)
  })
})
