import type { Json } from '@/server/engine/domain/types'
import { jobType, type JobTypeDefinition } from '@/server/engine/domain/job-type-config'
import { JSON_SCHEMA_DIALECT } from '@/server/engine/domain/parameter-schema'

type Properties = Record<string, { [key: string]: Json }>

/** Job types of the demo, as a business has them. `sample.work` carries them out, so what they do is simulated. */
export const DEMO_JOB_TYPES: readonly JobTypeDefinition[] = [
  simulated({
    name: 'invoice.render',
    displayName: 'Render invoice',
    title: '{invoiceId} · {customer}',
    description: 'Renders an invoice as a PDF and hands it to the customer’s mailbox. Simulated in this demo.',
    priority: 'HIGH',
    timeoutSeconds: 120,
    required: ['invoiceId', 'customer'],
    durationMs: 4000,
    properties: {
      invoiceId: {
        type: 'string',
        pattern: '^INV-[0-9]{5}$',
        title: 'Invoice',
        description: 'INV- and five digits.',
        examples: ['INV-20417'],
      },
      customer: { type: 'string', minLength: 1, maxLength: 120, title: 'Customer', examples: ['Northwind Traders'] },
      total: { type: 'number', minimum: 0, title: 'Total', description: 'Gross amount.' },
      currency: { type: 'string', enum: ['EUR', 'USD', 'GBP'], default: 'EUR', title: 'Currency' },
      locale: { type: 'string', enum: ['en', 'de', 'fr', 'nl'], default: 'en', title: 'Language' },
    },
  }),
  simulated({
    name: 'orders.sync',
    displayName: 'Sync orders',
    title: '{channel}',
    description: 'Takes new and changed orders over from a shop channel. Simulated in this demo.',
    required: ['channel'],
    durationMs: 6000,
    properties: {
      channel: { type: 'string', enum: ['webshop', 'marketplace', 'retail'], default: 'webshop', title: 'Channel' },
      since: { type: 'string', format: 'date-time', title: 'Changed since', description: 'Empty: the last run.' },
      order: {
        type: 'object',
        title: 'One order only',
        properties: { id: { type: 'string', title: 'Order number', examples: ['SO-104233'] } },
      },
    },
  }),
  simulated({
    name: 'email.digest',
    displayName: 'Send digest',
    title: '{list} · {date}',
    description: 'Sends each subscriber of a list the summary of the day. Simulated in this demo.',
    priority: 'LOW',
    required: ['list'],
    durationMs: 8000,
    properties: {
      list: { type: 'string', enum: ['operations', 'finance', 'customers', 'partners'], title: 'List' },
      date: { type: 'string', format: 'date', title: 'Day', description: 'Empty: yesterday.' },
      dryRun: { type: 'boolean', default: false, title: 'Dry run', description: 'Composes, but sends nothing.' },
    },
  }),
  simulated({
    name: 'inventory.reindex',
    displayName: 'Reindex inventory',
    title: '{warehouse}',
    description: 'Builds a warehouse’s search index anew from its stock. Simulated in this demo.',
    timeoutSeconds: 900,
    required: ['warehouse'],
    durationMs: 12_000,
    properties: {
      warehouse: { type: 'string', enum: ['AMS-1', 'BER-2', 'LYS-1', 'RTM-4'], title: 'Warehouse' },
      full: {
        type: 'boolean',
        default: false,
        title: 'Everything',
        description: 'Not only what changed since the last run.',
      },
    },
  }),
  simulated({
    name: 'payments.reconcile',
    displayName: 'Reconcile payments',
    title: '{account} · {statementDate}',
    description: 'Matches a bank statement against open items. Simulated in this demo.',
    priority: 'CRITICAL',
    timeoutSeconds: 600,
    maxRetries: 3,
    // A bank publishes a statement once a day. Asking again within minutes would not help.
    backoffBaseSeconds: 43_200,
    backoffCapSeconds: 86_400,
    required: ['account', 'statementDate'],
    durationMs: 9000,
    properties: {
      account: { type: 'string', minLength: 4, maxLength: 34, title: 'Account', examples: ['NL91-0417'] },
      statementDate: { type: 'string', format: 'date', title: 'Statement of' },
      tolerance: { type: 'number', minimum: 0, maximum: 10, default: 0, title: 'Tolerance', description: 'Per item.' },
    },
  }),
  simulated({
    name: 'shipment.labels',
    displayName: 'Print shipment labels',
    title: '{carrier} · {reference}',
    description: 'Fetches a carrier’s labels for a batch of parcels. Simulated in this demo.',
    priority: 'HIGH',
    timeoutSeconds: 60,
    required: ['carrier', 'parcels'],
    durationMs: 3000,
    properties: {
      carrier: { type: 'string', enum: ['DHL', 'UPS', 'PostNL', 'DPD'], title: 'Carrier' },
      parcels: { type: 'integer', minimum: 1, maximum: 500, default: 1, title: 'Parcels' },
      reference: { type: 'string', maxLength: 60, title: 'Reference' },
    },
  }),
]

function simulated({
  properties,
  required,
  durationMs,
  ...rest
}: Pick<JobTypeDefinition, 'name' | 'displayName' | 'description'> &
  Partial<JobTypeDefinition> & { properties: Properties; required: string[]; durationMs: number }): JobTypeDefinition {
  return jobType({
    ...rest,
    handler: 'sample.work',
    parameterSchema: {
      $schema: JSON_SCHEMA_DIALECT,
      type: 'object',
      additionalProperties: false,
      required,
      properties: {
        ...properties,
        durationMs: {
          type: 'integer',
          minimum: 0,
          maximum: 600_000,
          default: durationMs,
          title: 'Simulated duration (ms)',
          description: 'This demo only waits; here is how long.',
        },
        progressSteps: {
          type: 'integer',
          minimum: 0,
          maximum: 1_000,
          default: 8,
          title: 'Simulated steps',
          description: 'How many times it reports progress.',
        },
      },
    },
  })
}
