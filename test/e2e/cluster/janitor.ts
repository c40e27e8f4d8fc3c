import { text } from 'node:stream/consumers'
import { tearDown } from './record.ts'

/** Lives beside a cluster’s owner and reads from it until it ends. An owner that ends without a word was killed: its cluster goes. */
const [file] = process.argv.slice(2)
if (file === undefined) throw new Error('usage: janitor RECORD')
if ((await text(process.stdin)) === '') await tearDown(file)
