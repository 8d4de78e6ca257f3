import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { expect, test } from 'vitest'
import { inRoot } from './paths.mjs'

test('a process goes on when the reader of its output is gone', async () => {
  // It writes only after the signal, when nobody reads any more. The error of a write comes later than the write, so it
  // ends 200 ms after.
  const script = `
    import { say } from ${JSON.stringify(inRoot('launcher/say.mjs'))}
    process.on('SIGUSR2', () => {
      for (let n = 0; n < 3; n++) { say('nobody reads this'); console.error('nor this') }
      setTimeout(() => process.exit(7), 200)
    })
    setInterval(() => {}, 1000)
    say('ready')`
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: ['ignore', 'pipe', 'pipe'] })
  await once(child.stdout, 'data')
  child.stdout.destroy()
  child.stderr.destroy()
  child.kill('SIGUSR2')
  const [code] = await once(child, 'exit')
  expect(code).toBe(7)
})
