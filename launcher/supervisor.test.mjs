import { afterEach, expect, test, vi } from 'vitest'
import { isAlive, until } from './processes.mjs'
import { inRoot } from './paths.mjs'
import { Supervisor } from './supervisor.mjs'

/** @type {Supervisor | undefined} */
let supervisor
afterEach(async () => {
  await supervisor?.stop()
  vi.restoreAllMocks()
})

test('a process whose start cannot be written down is reported once and not started a second time', async () => {
  const said = vi.spyOn(process.stdout, 'write').mockReturnValue(true)
  const onStart = vi.fn(() => {
    throw new Error('ENOSPC: no space left on device')
  })
  supervisor = new Supervisor({
    name: 'sleeper',
    file: process.execPath,
    args: ['-e', 'setInterval(() => {}, 1000)'],
    cwd: inRoot(),
    env: process.env,
    onStart,
  })
  await supervisor.start()
  const first = supervisor.pid ?? 0
  expect(isAlive(first)).toBe(true)

  process.kill(first, 'SIGKILL')
  expect(await until(() => ![null, first].includes(supervisor?.pid ?? null), 5000)).toBe(true)
  const second = supervisor.pid ?? 0
  // The time is long enough for the start to be taken for a failed one and for a second process to be started.
  expect(await until(() => onStart.mock.calls.length > 2, 1500)).toBe(false)
  expect([supervisor.pid, isAlive(second)]).toEqual([second, true])
  const notes = said.mock.calls.map(([line]) => String(line)).filter((line) => line.includes('ENOSPC'))
  expect(notes).toEqual(
    [first, second].map(
      (pid) =>
        `! sleeper runs as process ${pid}, but this could not be written down: ENOSPC: no space left on device\n`,
    ),
  )
})
