import type { Actor } from '../../domain/types'

/** The columns actor_type, actor_id and actor_name of a row, under these names. */
export interface ActorColumns {
  actorType: string
  actorId: string | null
  actorName: string
}

/** The actor that a row names. */
export const toActor = ({ actorType, actorId, actorName }: ActorColumns): Actor => ({
  type: actorType.toLowerCase() as Actor['type'],
  id: actorId,
  name: actorName,
})
