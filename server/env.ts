import { z } from 'zod'
import { parseAllowList } from './engine/domain/destination'
import { parsePools } from './engine/domain/pools'
import { bounds } from './env-bounds.mjs'
import { isExample, isGuessable } from './example-secret.mjs'
import { s3Problems } from './storage/s3-client.mjs'

const url = (protocols: string[], example: string) =>
  z
    .string()
    .refine(
      (text) => URL.canParse(text) && protocols.includes(new URL(text).protocol),
      `must be an address such as ${example}`,
    )

const wholeNumber = (name: keyof typeof bounds) => {
  const [min, max] = bounds[name]
  const what = `must be a whole number from ${min} to ${max}`
  return z
    .string()
    .regex(/^\d+$/, what)
    .transform(Number)
    .refine((n) => n >= min && n <= max, what)
}

/** Tokens travel to and from the issuer, so plain http is allowed only on this machine. */
const isIssuer = (text: string): boolean => {
  const url = URL.canParse(text) ? new URL(text) : null
  return (
    url?.protocol === 'https:' ||
    (url?.protocol === 'http:' && ['localhost', '127.0.0.1', '[::1]'].includes(url.hostname))
  )
}

const shared = {
  DATABASE_URL: url(['postgres:', 'postgresql:'], 'postgresql://user:password@host:5432/name'),
  REDIS_URL: url(['redis:', 'rediss:'], 'redis://:password@host:6379').optional(),
  STORAGE_DIR: z.string().min(1).default('.local/storage'),
  STORAGE_S3_BUCKET: z.string().optional(),
  STORAGE_S3_ENDPOINT: z.string().optional(),
  STORAGE_S3_REGION: z.string().optional(),
  STORAGE_S3_ACCESS_KEY_ID: z.string().optional(),
  STORAGE_S3_SECRET_ACCESS_KEY: z.string().optional(),
  /** The collector to which traces go. `startTracing` reads it. */
  OTEL_EXPORTER_OTLP_ENDPOINT: url(['http:', 'https:'], 'http://collector:4318').optional(),
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: url(['http:', 'https:'], 'http://collector:4318/v1/traces').optional(),
  LOG_LEVEL: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).default('info'),
  METRICS_TOKEN: z
    .string()
    .regex(/^[\x21-\x7e]{16,}$/, 'must have at least 16 characters without spaces; make one with: openssl rand -hex 32')
    .optional(),
  JOBYARD_EMBEDDED: z
    .enum(['0', '1'], 'must be 0 or 1')
    .default('0')
    .transform((flag) => flag === '1'),
}

/** One line for each variable of S3 that is wrong. */
function checkStorage(env: Record<string, unknown>, check: z.RefinementCtx): void {
  for (const { name, message } of s3Problems(env as Record<string, string | undefined>))
    check.addIssue({ code: 'custom', path: [name], message })
}

const secret = z
  .string()
  .min(32, { error: 'must have at least 32 characters; make one with: openssl rand -base64 32', abort: true })
  .refine((text) => !isGuessable(text), 'is an example value; make your own with: openssl rand -base64 32')
const ownAddress = url(['http:', 'https:'], 'https://jobs.example.com')

/** Kept as text, because it is handed to threads. */
const allowList = z
  .string()
  .default('')
  .superRefine((text, ctx) => {
    try {
      parseAllowList(text)
    } catch (error) {
      ctx.addIssue({ code: 'custom', message: (error as Error).message })
    }
  })

const pools = z.string().transform((text, ctx) => {
  try {
    return parsePools(text)
  } catch (error) {
    ctx.addIssue({ code: 'custom', message: (error as Error).message })
    return z.NEVER
  }
})

const OIDC = ['OIDC_ISSUER', 'OIDC_CLIENT_ID', 'OIDC_CLIENT_SECRET'] as const

/** What a web process reads. Readers use `parseWebEnv`; docs/configure.md is made from it. */
export const webSchema = z
  .object({
    ...shared,
    PORT: wholeNumber('PORT').default(3000),
    HOST: z.string().min(1).optional(),
    NEXTAUTH_SECRET: secret,
    NEXTAUTH_URL: ownAddress,
    TRUSTED_PROXIES: wholeNumber('TRUSTED_PROXIES').default(0),
    MAX_UPLOAD_BYTES: wholeNumber('MAX_UPLOAD_BYTES').default(1_073_741_824),
    OIDC_ISSUER: z
      .string()
      .refine(isIssuer, 'must be an https address, such as https://login.example.com (http only on this machine)')
      .optional(),
    OIDC_CLIENT_ID: z.string().optional(),
    OIDC_CLIENT_SECRET: z
      .string()
      .refine((text) => !isExample(text), 'is an example value; take the one of your provider')
      .optional(),
    OIDC_NAME: z.string().max(40, 'must have at most 40 characters').optional(),
  })
  .superRefine(checkStorage)
  .superRefine((env, check) => {
    const missing = OIDC.filter((name) => env[name] === undefined)
    if (missing.length === OIDC.length && env.OIDC_NAME === undefined) return
    for (const name of missing) {
      check.addIssue({
        code: 'custom',
        path: [name],
        message: `is not set: sign-in by OIDC needs all of ${OIDC.join(', ')}, or none of them and no OIDC_NAME`,
      })
    }
  })

/** What a worker reads. Readers use `parseWorkerEnv`; docs/configure.md is made from it. */
export const workerSchema = z
  .object({
    ...shared,
    DRAIN_SECONDS: wholeNumber('DRAIN_SECONDS').default(15),
    ISOLATED_SLOTS: wholeNumber('ISOLATED_SLOTS').default(4),
    INLINE_SLOTS: wholeNumber('INLINE_SLOTS').default(100),
    /** The pools whose jobs this worker takes. Not set: every pool, so that one worker alone runs every job. */
    WORKER_POOLS: pools.optional(),
    /** Where the worker answers health checks and Prometheus. Not set: nowhere. */
    HEALTH_PORT: wholeNumber('HEALTH_PORT').optional(),
    /** The address at which services report how an `http.request` job ended. */
    NEXTAUTH_URL: ownAddress.optional(),
    HTTP_REQUEST_SECRET: secret.optional(),
    HTTP_REQUEST_ALLOW: allowList,
    /** The mail server through which alerts are sent, and their sender: both or none. */
    SMTP_URL: url(['smtp:', 'smtps:'], 'smtps://user:password@mail.example.com').optional(),
    MAIL_FROM: z.string().max(320).optional(),
  })
  .superRefine(({ SMTP_URL, MAIL_FROM }, check) => {
    if ((SMTP_URL === undefined) === (MAIL_FROM === undefined)) return
    const [missing, given] = SMTP_URL === undefined ? ['SMTP_URL', 'MAIL_FROM'] : ['MAIL_FROM', 'SMTP_URL']
    check.addIssue({
      code: 'custom',
      path: [missing],
      message: `is not set: mail needs it beside ${given}, or neither`,
    })
  })
  .superRefine(checkStorage)

const databaseSchema = z.object({ DATABASE_URL: shared.DATABASE_URL, REDIS_URL: shared.REDIS_URL })

export type WebEnv = z.output<typeof webSchema>
export type WorkerEnv = z.output<typeof workerSchema>

/** The OIDC provider at which people may sign in beside their password, or null where none is set. */
export function oidcSettings(
  env: WebEnv,
): { issuer: string; clientId: string; clientSecret: string; name: string } | null {
  const {
    OIDC_ISSUER: issuer,
    OIDC_CLIENT_ID: clientId,
    OIDC_CLIENT_SECRET: clientSecret,
    OIDC_NAME: name = 'single sign-on',
  } = env
  return issuer && clientId && clientSecret ? { issuer, clientId, clientSecret, name } : null
}

/** The environment is wrong. `lines` name each wrong variable and say what it must be. */
export class EnvError extends Error {
  override readonly name = 'EnvError'
  constructor(readonly lines: string[]) {
    super(lines.join('; '))
  }
}

/** Reads and checks what a web process needs. */
export const parseWebEnv = (source: NodeJS.ProcessEnv): WebEnv => parse(webSchema, source)
/**
 * Reads and checks what a command needs that works on the database alone. A wrong REDIS_URL is told here, too, because
 * whether there is one decides if the migrations make BullMQ's tables.
 */
export const parseDatabaseEnv = (source: NodeJS.ProcessEnv): { DATABASE_URL: string; REDIS_URL?: string } =>
  parse(databaseSchema, source)
/** Reads and checks what a worker process needs. */
export const parseWorkerEnv = (source: NodeJS.ProcessEnv): WorkerEnv => parse(workerSchema, source)

function parse<Schema extends z.ZodType>(schema: Schema, source: NodeJS.ProcessEnv): z.output<Schema> {
  // An empty variable in a compose or .env file means that it is not set.
  const given = Object.fromEntries(Object.entries(source).filter(([, value]) => value !== undefined && value !== ''))
  const result = schema.safeParse(given)
  if (result.success) return result.data
  throw new EnvError(result.error.issues.map((issue) => lineOf(issue, given)))
}

/** The value is not repeated: it may be a password. Only the lists of hosts and of pools name the entry that is wrong. */
function lineOf(issue: z.core.$ZodIssue, given: Record<string, unknown>): string {
  const name = issue.path.join('.')
  return name in given || issue.code === 'custom' ? `${name} ${issue.message}` : `${name} is not set (see .env.example)`
}

let web: WebEnv | undefined

/** The web process's environment, checked once. Not read at import: `next build` runs without one. */
export const getEnv = (): WebEnv => (web ??= parseWebEnv(process.env))

/** The worker process's environment, checked; each wrong variable is named in the EnvError. */
export const readEnv = (): WorkerEnv => parseWorkerEnv(process.env)

/** Runs a reader above; where the environment is wrong, prints each problem on a line and exits with 1. */
export function orExit<T>(read: () => T): T {
  try {
    return read()
  } catch (error) {
    if (!(error instanceof EnvError)) throw error
    for (const line of error.lines) process.stderr.write(`Jobyard cannot start: ${line}\n`)
    process.exit(1)
  }
}
