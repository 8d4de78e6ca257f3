import { v7 as uuidv7 } from 'uuid'
import { expect, test } from 'vitest'
import { createCarrier, installation } from '@/server/engine'
import { toMessage } from '@/server/engine/queue/messages'
import { openWorld } from '@/testing/engine'
import { queueStores } from '../stage.fixture'
import { StaleMessages } from './reconciler'

const { database, db } = await openWorld({ max: 4 })

test.each(queueStores())(
  'a new leader removes the messages of a crew whose last worker was the leader before (BullMQ on %s)',
  async (_, redisUrl) => {
    const carrier = createCarrier({
      databaseUrl: database.url,
      redisUrl,
      namespace: await installation(db),
      crew: 'present',
      onError: () => undefined,
    })
    try {
      await carrier.ready()
      const former = createCarrier({
        databaseUrl: database.url,
        redisUrl,
        namespace: await installation(db),
        crew: 'former',
        onError: () => undefined,
      })
      await former.publish('INLINE', [toMessage([{ jobId: uuidv7(), dispatch: 1 }])])
      await former.close()
      await db.worker.create({
        data: {
          id: uuidv7(),
          crew: 'former',
          host: 'gone',
          pid: 1,
          isolatedSlots: 1,
          inlineSlots: 1,
          stoppedAt: new Date(),
        },
      })
      expect(await carrier.held('INLINE', 'former')).toHaveLength(1)
      expect(await new StaleMessages(db, carrier).remove()).toBe(1)
      expect(await carrier.held('INLINE', 'former')).toEqual([])
    } finally {
      await carrier.close()
    }
  },
)
