import { pino, type Logger } from 'pino'

export type { Logger }

const SECRET_NAMES = [
  'authorization', 'cookie', 'password', 'passwordHash', 'secret', 'token', 'apiKey', 'databaseUrl', 'redisUrl',
  'DATABASE_URL', 'REDIS_URL', 'NEXTAUTH_SECRET',
]

/** Structured lines on standard output. Secrets are struck out wherever an object carries them. */
export const logger: Logger = pino({
  level: levelOf(process.env.LOG_LEVEL),
  base: { pid: process.pid },
  timestamp: pino.stdTimeFunctions.isoTime,
  formatters: { level: (label) => ({ level: label }) },
  redact: {
    paths: [...SECRET_NAMES, ...SECRET_NAMES.map((name) => `*.${name}`), ...SECRET_NAMES.map((name) => `*.*.${name}`), '*["set-cookie"]'],
    censor: '[redacted]',
  },
})

/** A logger whose lines name the part of Jobyard that speaks. */
export const createLogger = (part: string, level?: string): Logger => logger.child({ part }, level ? { level } : {})

/** A wrong LOG_LEVEL is `server/env.ts`'s to refuse, in one clear line; here it must not throw before that. */
function levelOf(text: string | undefined): string {
  return text !== undefined && (text === 'silent' || text in pino.levels.values) ? text : 'info'
}
