import type { Carrier, CarrierOptions } from './contract'
import { PostgresCarrier } from './postgres-carrier'
import { RedisCarrier } from './redis-carrier'

/** Makes the carrier for the store that BullMQ runs on. Nobody else chooses, and both behave the same. */
export function createCarrier(options: CarrierOptions): Carrier {
  return options.redisUrl ? new RedisCarrier(options, options.redisUrl) : new PostgresCarrier(options)
}
