import { Client, type ClientConfig } from 'pg'

/**
 * A connection whose sudden end crashes nobody. pg announces it as an `error` event, which ends the
 * process where nobody listens, and pools listen only while a connection is idle in them. Whoever uses
 * it learns of the end by the next query, which rejects.
 */
export class SteadyClient extends Client {
  constructor(config?: string | ClientConfig) {
    super(config)
    this.on('error', () => undefined)
  }
}
