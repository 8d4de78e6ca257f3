import { pino } from 'pino'
import { expect, test } from 'vitest'
import { leave } from '@/worker/leave'
import { tellsOfInlineExit } from './audit'

test('the audit of a campaign hears of a worker that ends because of a handler in its own thread, and of no other', async () => {
  const lines: string[] = []
  const logger = pino({}, { write: (line: string) => void lines.push(line) })
  // The line is the first thing that a leaving worker does. Without other parts it fails right after it.
  for (const handler of ['chaos.inline', 'chaos.isolated'])
    await expect(
      leave({ logger } as never, { claimed: { jobId: '1', handler } } as never, () => undefined),
    ).rejects.toThrow()
  logger.error({ handler: 'chaos.inline' }, 'the handler failed')
  expect(lines.map(tellsOfInlineExit)).toEqual([true, false, false])
})
