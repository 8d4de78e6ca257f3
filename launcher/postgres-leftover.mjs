import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { commandOf, isAlive, signalProcess, startStamp, until } from './processes.mjs'

/**
 * Stops a PostgreSQL that a killed run left running on this data folder, and prepares the folder for the next start.
 * @param {string} data
 */
export async function stopPostgresOn(data) {
  const file = path.join(data, 'postmaster.pid')
  if (!existsSync(file)) return
  const lines = readFileSync(file, 'utf8').split('\n')
  // In single-user mode PostgreSQL writes its id with a minus.
  const pid = Math.abs(Number(lines[0]))
  if (!Number.isInteger(pid) || pid < 1 || !isAlive(pid)) return
  const command = commandOf(pid)
  if (!(command.includes('postgres') && command.includes(data))) return nameDeadProcess(file, lines)
  for (const [signal, patience] of /** @type {const} */ ([
    ['SIGINT', 8000],
    ['SIGQUIT', 3000],
    ['SIGKILL', 2000],
  ])) {
    signalProcess(pid, signal)
    if (await until(() => startStamp(pid) === '', patience)) return
  }
}

/**
 * After a restart of the machine, the process id in the file may belong to another program. PostgreSQL would take that
 * program for a server of its own. So the file gets the id of a process that has just ended. The file itself must stay,
 * because its other lines protect against backends that are still running.
 * @param {string} file
 * @param {string[]} lines
 */
function nameDeadProcess(file, lines) {
  const dead = spawnSync(process.execPath, ['--version'], { stdio: 'ignore' }).pid
  writeFileSync(file, [String(dead), ...lines.slice(1)].join('\n'))
}
