import type { Carrier, CarrierOptions } from './contract'
import { PostgresCarrier } from './postgres-carrier'
import { RedisCarrier } from './redis-carrier'

/** The one place that knows which store BullMQ runs on. */
export function createCarrier(options: CarrierOptions): Carrier {
  return options.redisUrl ? new RedisCarrier(options, options.redisUrl) : new PostgresCarrier(options)
}
