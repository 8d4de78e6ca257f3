import { pino, type DestinationStream, type Logger } from 'pino'

// How every process writes its log.

export type { Logger }

const SECRET_NAMES = [
  'authorization',
  'cookie',
  'password',
  'passwordHash',
  'secret',
  'token',
  'apiKey',
  'parameters',
  'databaseUrl',
  'redisUrl',
  'DATABASE_URL',
  'REDIS_URL',
  'NEXTAUTH_SECRET',
]

/**
 * Texts that are secrets wherever they appear, also inside a message or an address: how each is recognized, and what is
 * written in its place.
 */
const SECRET_TEXTS: [RegExp, string][] = [
  // In this order: API keys, links of invitations, bearer tokens, next-auth's cookies, JSON Web Tokens, and passwords in
  // addresses.
  [/\b(jy_[a-z]+_)[\w-]{8,}/g, '$1[redacted]'],
  [/(\/invite\/)[\w-]{20,}/g, '$1[redacted]'],
  [/\b(Bearer\s+)(?!\[redacted\])[^\s"\\]+/gi, '$1[redacted]'],
  [/((?:__Secure-|__Host-)?next-auth\.[a-z.-]+=)[^;\s"\\]+/g, '$1[redacted]'],
  [/\beyJ[\w-]{10,}\.[\w-]*\.[\w-]*(?:\.[\w-]*)*/g, '[redacted]'],
  [/(\b[a-z][a-z0-9+.-]{1,20}:\/\/[^\s:@/"\\]{0,200}):[^\s@/"\\]{1,200}@/gi, '$1:[redacted]@'],
]

/**
 * Structured lines on standard output, or wherever `destination` takes them. Secrets are removed
 * twice: from objects by the name of the field, and from the finished line by what they look like.
 */
export const createRootLogger = (level: string, destination?: DestinationStream): Logger =>
  pino(
    {
      level,
      base: { pid: process.pid },
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      serializers: { err: describeError },
      redact: {
        paths: [
          ...SECRET_NAMES,
          ...SECRET_NAMES.map((name) => `*.${name}`),
          ...SECRET_NAMES.map((name) => `*.*.${name}`),
          // A name with a hyphen stands in brackets.
          '*["set-cookie"]',
        ],
        censor: '[redacted]',
      },
      hooks: {
        streamWrite: (line) => SECRET_TEXTS.reduce((text, [pattern, rest]) => text.replace(pattern, rest), line),
      },
    },
    ...(destination ? [destination] : []),
  )

export const logger: Logger = createRootLogger(levelOf(process.env.LOG_LEVEL))

/** A logger whose lines name the part of Jobyard that wrote them. */
export const createLogger = (part: string, level?: string): Logger => logger.child({ part }, level ? { level } : {})

interface LoggedError {
  type: string
  message: string
  code?: unknown
  stack?: string
  cause?: LoggedError
}

const MAX_MESSAGE = 2_000
const MAX_CAUSES = 5

/**
 * What is logged of an error: its kind, message, code, stack frames and causes. Nothing else of it is logged, because
 * errors of PostgreSQL and Prisma contain the statement's values, which are the data of our users.
 */
function describeError(error: unknown, causes = MAX_CAUSES): LoggedError | unknown {
  if (!(error instanceof Error)) return error
  const { code, cause } = error as { code?: unknown; cause?: unknown }
  return {
    type: error.name,
    message: messageOf(error).slice(0, MAX_MESSAGE),
    ...(typeof code === 'string' || typeof code === 'number' ? { code } : {}),
    // The stack repeats the original message in its first lines, so they are cut off.
    stack: error.stack
      ?.split('\n')
      .filter((line) => /^\s+at /.test(line))
      .join('\n'),
    ...(cause instanceof Error && causes > 0 ? { cause: describeError(cause, causes - 1) as LoggedError } : {}),
  }
}

/** Prisma's messages quote the whole call with its arguments. Only the last paragraph says why it failed. */
function messageOf({ name, message }: Error): string {
  if (!name.startsWith('PrismaClient')) return message
  return (
    message
      .split(/\n\s*\n/)
      .map((part) => part.trim())
      .filter(Boolean)
      .at(-1) ?? ''
  )
}

/**
 * `server/env.ts` refuses a wrong LOG_LEVEL in one clear line. The logger is made earlier, so it must not throw here.
 */
function levelOf(text: string | undefined): string {
  return text !== undefined && (text === 'silent' || text in pino.levels.values) ? text : 'info'
}
