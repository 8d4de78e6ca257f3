// Loaded before a process that a test starts (`--import`). On SIGUSR2 the process removes its garbage and writes how
// much of its heap is left, in MiB.
import v8 from 'node:v8'
import vm from 'node:vm'
import { isMainThread } from 'node:worker_threads'

if (isMainThread) {
  v8.setFlagsFromString('--expose-gc')
  const collect = vm.runInNewContext('gc')
  process.on('SIGUSR2', () => {
    // Twice, because what the first run finalizes is removed by the second.
    collect()
    collect()
    process.stderr.write(`heap ${(process.memoryUsage().heapUsed / 2 ** 20).toFixed(2)}\n`)
  })
}
