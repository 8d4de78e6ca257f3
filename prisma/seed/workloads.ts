import type { ErrorClass, Json } from '@/server/engine/domain/types'
import type { Random } from './random'

/** One way in which an attempt of the demo goes wrong. */
export interface Failure {
  message(random: Random): string
  name: string
  class: ErrorClass
  /** The attempt ends by its timeout, and not by an error. */
  timesOut?: true
}

/** How jobs of one type look in the demo. */
export interface Workload {
  jobType: string
  /** The median run time. */
  runMs: number
  parameters(random: Random, at: Date): { [key: string]: Json }
  result(random: Random, parameters: { [key: string]: Json }): Json
  /** The messages at a quarter, half and three quarters of the run. */
  steps: readonly [string, string, string]
  /** How often an attempt fails on an ordinary day. */
  failureRate: number
  /** What an attempt then fails of. A larger number makes a failure more likely. */
  failures: readonly (readonly [Failure, number])[]
}

const transient = (name: string, message: Failure['message']): Failure => ({ name, message, class: 'TRANSIENT' })
const permanent = (name: string, message: Failure['message']): Failure => ({ name, message, class: 'PERMANENT' })
export const timeout = (seconds: number): Failure => ({
  name: 'TimeoutError',
  message: () => `Timed out after ${seconds} s`,
  class: 'TRANSIENT',
  timesOut: true,
})

const CUSTOMERS = [
  'Northwind Traders',
  'Halden Maritime',
  'Cobalt Foods',
  'Lumen Textiles',
  'Brightwater Clinics',
  'Osei & Sons',
  'Kestrel Outdoor',
  'Alpine Bearings',
  'Mori Stationery',
  'Palisade Energy',
  'Tidewater Books',
  'Vela Optics',
] as const
const WAREHOUSES = ['AMS-1', 'BER-2', 'LYS-1', 'RTM-4'] as const
const ACCOUNTS = ['NL91-0417', 'DE45-2208', 'FR76-3000', 'GB29-6016'] as const

const day = (at: Date, daysBefore = 0) => new Date(at.getTime() - daysBefore * 86_400_000).toISOString().slice(0, 10)
const cents = (amount: number) => Math.round(amount * 100) / 100

/** The failures in incidents of the demo. */
export const INCIDENTS = {
  shopDown: transient('ConnectError', () => 'connect ECONNREFUSED 10.20.4.17:8443 (shop-gateway)'),
  rendererStuck: timeout(120),
  carrierLimit: transient('HttpError', () => '429 Too Many Requests from api.carrier.example/v2/labels'),
  ledgerSchema: permanent(
    'ValidationError',
    (random) => `Statement line ${random.int(3, 240)}: column "valueDate" is missing`,
  ),
  mailQuota: transient('SmtpError', () => '452 4.5.3 Daily sending quota reached'),
} satisfies Record<string, Failure>

export const WORKLOADS = {
  'invoice.render': {
    jobType: 'invoice.render',
    runMs: 2300,
    parameters: (random) => ({
      invoiceId: `INV-${random.int(10_000, 99_999)}`,
      customer: random.pick(CUSTOMERS),
      total: cents(random.around(420, 0.9)),
      currency: random.weighted([
        ['EUR', 7],
        ['USD', 2],
        ['GBP', 1],
      ]),
      locale: random.pick(['en', 'de', 'fr', 'nl']),
    }),
    result: (random, { invoiceId }) => ({
      file: `${String(invoiceId)}.pdf`,
      pages: random.int(1, 4),
      bytes: random.int(38_000, 190_000),
    }),
    steps: ['Loaded invoice', 'Laid out', 'Rendered'],
    failureRate: 0.012,
    failures: [
      [transient('HttpError', () => '503 Service Unavailable from tax.rates.example'), 5],
      [permanent('ValidationError', (random) => `Customer ${random.int(1000, 9999)} has no billing address`), 3],
      [timeout(120), 1],
    ],
  },
  'orders.sync': {
    jobType: 'orders.sync',
    runMs: 4200,
    parameters: (random, at) => ({
      channel: random.weighted([
        ['webshop', 6],
        ['marketplace', 3],
        ['retail', 1],
      ]),
      since: new Date(at.getTime() - random.int(5, 30) * 60_000).toISOString(),
      ...(random.chance(0.3) && { order: { id: `SO-${random.int(100_000, 199_999)}` } }),
    }),
    result: (random) => ({ orders: random.int(0, 64), created: random.int(0, 20), updated: random.int(0, 44) }),
    steps: ['Asked the channel for changes', 'Mapped orders', 'Stored orders'],
    failureRate: 0.02,
    failures: [
      [transient('ConnectError', () => 'read ECONNRESET (shop-gateway)'), 6],
      [transient('HttpError', () => '502 Bad Gateway from shop-gateway'), 3],
      [permanent('ValidationError', (random) => `Order SO-${random.int(100_000, 199_999)}: unknown SKU`), 1],
    ],
  },
  'email.digest': {
    jobType: 'email.digest',
    runMs: 9000,
    parameters: (random, at) => ({
      list: random.pick(['operations', 'finance', 'customers', 'partners']),
      date: day(at, 1),
      dryRun: false,
    }),
    result: (random) => ({ recipients: random.int(40, 2600), bounced: random.int(0, 9) }),
    steps: ['Composed', 'Sent to half of the list', 'Sent to most of the list'],
    failureRate: 0.03,
    failures: [
      [transient('SmtpError', () => '421 4.7.0 Too many connections, try again later'), 5],
      [permanent('TemplateError', () => 'Template "digest" has no variable "openTickets"'), 1],
    ],
  },
  'inventory.reindex': {
    jobType: 'inventory.reindex',
    runMs: 21_000,
    parameters: (random) => ({ warehouse: random.pick(WAREHOUSES), full: random.chance(0.1) }),
    result: (random) => ({ items: random.int(8000, 64_000), changed: random.int(20, 4200) }),
    steps: ['Read stock', 'Built index', 'Switched over'],
    failureRate: 0.015,
    failures: [
      [transient('ResourceError', () => 'Search cluster is read-only: disk watermark exceeded'), 3],
      [timeout(900), 1],
    ],
  },
  'payments.reconcile': {
    jobType: 'payments.reconcile',
    runMs: 14_000,
    parameters: (random, at) => ({ account: random.pick(ACCOUNTS), statementDate: day(at, 1), tolerance: 0 }),
    result: (random) => ({ items: random.int(120, 900), matched: random.int(110, 890), open: random.int(0, 12) }),
    steps: ['Fetched statement', 'Matched by reference', 'Matched by amount'],
    failureRate: 0.02,
    failures: [
      [permanent('LedgerError', (random) => `Balance differs by ${cents(random.around(80, 1))} EUR`), 2],
      [transient('HttpError', () => '504 Gateway Timeout from bank.example'), 2],
    ],
  },
  'shipment.labels': {
    jobType: 'shipment.labels',
    runMs: 1400,
    parameters: (random) => ({
      carrier: random.weighted([
        ['DHL', 5],
        ['PostNL', 3],
        ['UPS', 2],
        ['DPD', 1],
      ]),
      parcels: random.int(1, 40),
      reference: `RTE-${random.int(1000, 9999)}`,
    }),
    result: (random, { parcels }) => ({ labels: parcels ?? 1, sheet: `labels-${random.int(10_000, 99_999)}.zpl` }),
    steps: ['Validated addresses', 'Booked with the carrier', 'Fetched labels'],
    failureRate: 0.018,
    failures: [
      [transient('HttpError', () => '500 Internal Server Error from api.carrier.example/v2/labels'), 4],
      [
        permanent('ValidationError', (random) => `Parcel ${random.int(1, 40)}: postal code does not fit the country`),
        2,
      ],
      [timeout(60), 1],
    ],
  },
} satisfies Record<string, Workload>

export type WorkloadName = keyof typeof WORKLOADS
