import type { DbOrTx } from '@/server/db'
import { formatCursor, type EventPlace } from '../domain/event-cursor'
import { readHorizon } from '../store/reads/events'
import { secondsNow } from './job-events'

/** The place up to which the history is complete: no row that lies before it can still appear. */
export const completeUpTo = async (db: DbOrTx): Promise<EventPlace> => ({ xid: (await readHorizon(db)).safe, id: 0n })

/**
 * The place up to which the history is complete (`completeUpTo`), as the id of an event. Whoever reads data after this
 * call, and follows the events after this place, misses no change. Some of these events may be older than the data.
 */
export const eventPlaceNow = async (db: DbOrTx): Promise<string> => formatCursor(await completeUpTo(db), secondsNow())
