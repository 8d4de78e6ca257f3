import type { Carrier, CarrierOptions } from './contract'
import { PostgresCarrier } from './postgres-carrier'
import { RedisCarrier } from './redis-carrier'

/**
 * Makes what carries messages to BullMQ: over Redis where a URL of Redis is set, else over PostgreSQL. This is the only
 * place that chooses. Callers use both in the same way, through `Carrier`.
 */
export function createCarrier(options: CarrierOptions): Carrier {
  return options.redisUrl ? new RedisCarrier(options, options.redisUrl) : new PostgresCarrier(options)
}
