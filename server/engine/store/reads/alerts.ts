import { Prisma, type DbOrTx } from '@/server/db'
import { conditionText } from '../../domain/alerts/conditions'
import { isQuiet } from '../../domain/alerts/quiet-hours'
import { targetText, type AlertTarget } from '../../domain/alerts/targets'
import type { JobStatus } from '../../domain/types'
import { UUID } from '../../domain/uuid'
import { noRule, ruleColumns, type AlertRuleRow } from '../alerts/rules'
import { decodeCursor, pageOf, type Page } from './cursor'

const { sql } = Prisma

/** FIRING: something is not in order. QUIET: the same, and quiet hours keep the message back. */
export type AlertState = 'OK' | 'FIRING' | 'QUIET' | 'OFF'
/** What became of a message. UNKNOWN: its job is gone. */
export type DeliveryState = 'WAITING' | 'SENT' | 'FAILED' | 'UNKNOWN'

export interface DeliveryView {
  id: string
  kind: 'ALERT' | 'TEST'
  title: string
  /** The target in words. */
  target: string
  state: DeliveryState
  createdAt: Date
  sentAt: Date | null
  /** Why it failed, or why the last attempt did. */
  error: string | null
  attempts: number
}

export interface AlertRuleView extends AlertRuleRow {
  inWords: string
  state: AlertState
  /** What is not in order: the first ten, oldest first, and how many. */
  firing: { id: string; label: string; text: string; path: string | null; openedAt: Date }[]
  firingCount: number
  lastDelivery: DeliveryView | null
}

export interface AlertView {
  id: string
  /** The organization that it is about. Null: the platform. */
  organizationId: string | null
  label: string
  text: string
  path: string | null
  openedAt: Date
  /** Null while it is open. */
  closedAt: Date | null
  /** When a message about it was submitted. Null where none was, for example because quiet hours kept it back. */
  toldAt: Date | null
}

/** Which rules are meant: those of some organizations, with or without those of the platform. */
export interface RuleScope {
  organizationIds: readonly string[] | 'all'
  platform: boolean
}

type Found = AlertRuleRow & {
  timeZone: string
  now: Date
  firing: { id: string; label: string; text: string; path: string | null; openedAt: string }[] | null
  firingCount: number
}

const rulesSource = sql`alert_rules r LEFT JOIN organizations o ON o.id = r.organization_id
  CROSS JOIN LATERAL (
    SELECT count(*)::int AS n, jsonb_agg(jsonb_build_object('id', a.id, 'label', a.label, 'text', a.text, 'path', a.path, 'openedAt', a.opened_at) ORDER BY a.id)
      FILTER (WHERE nth <= 10) AS first
    FROM (SELECT a.*, row_number() OVER (ORDER BY a.id) AS nth FROM alerts a WHERE a.rule_id = r.id AND a.closed_at IS NULL) a) f`
const rowColumns = sql`${ruleColumns}, COALESCE(o.time_zone, 'UTC') AS "timeZone", clock_timestamp() AS now, f.n AS "firingCount", f.first AS firing`

/** The rules of a scope, newest first, page by page. */
export async function listAlertRules(
  db: DbOrTx,
  { cursor, limit }: { cursor?: string; limit: number },
  { organizationIds, platform }: RuleScope,
): Promise<Page<AlertRuleView>> {
  const before = decodeCursor(cursor, UUID)
  const ofThese =
    organizationIds === 'all'
      ? sql`r.organization_id IS NOT NULL`
      : sql`r.organization_id = ANY(${[...organizationIds]}::uuid[])`
  const rows = await db.$queryRaw<Found[]>`
    SELECT ${rowColumns} FROM ${rulesSource}
    WHERE (${ofThese} OR (${platform} AND r.organization_id IS NULL)) AND (o.id IS NULL OR o.status <> 'DELETED')
      AND ${before ? sql`r.id < ${before}::uuid` : sql`TRUE`}
    ORDER BY r.id DESC LIMIT ${limit + 1}`
  const last = await lastDeliveries(
    db,
    rows.map(({ id }) => id),
  )
  return pageOf(
    rows,
    limit,
    ({ id }) => id,
    (row) => toView(row, last.get(row.id) ?? null),
  )
}

/** @throws EngineError NOT_FOUND. The caller's right is checked before. */
export async function getAlertRule(db: DbOrTx, ruleId: string): Promise<AlertRuleView> {
  const [row] = await db.$queryRaw<Found[]>`SELECT ${rowColumns} FROM ${rulesSource} WHERE r.id = ${ruleId}::uuid`
  if (!row) throw noRule(ruleId)
  return toView(row, (await lastDeliveries(db, [ruleId])).get(ruleId) ?? null)
}

function toView({ timeZone, now, firing, ...row }: Found, lastDelivery: DeliveryView | null): AlertRuleView {
  const open = row.firingCount > 0
  const state = !row.enabled ? 'OFF' : !open ? 'OK' : isQuiet(now, row.quietHours, timeZone) ? 'QUIET' : 'FIRING'
  return {
    ...row,
    inWords: conditionText(row.condition),
    state,
    firing: (firing ?? []).map((one) => ({ ...one, openedAt: new Date(one.openedAt) })),
    lastDelivery,
  }
}

/** The alerts of a rule, newest first, page by page. The caller's right is checked before. */
export async function alertHistory(
  db: DbOrTx,
  { ruleId, cursor, limit }: { ruleId: string; cursor?: string; limit: number },
): Promise<Page<AlertView>> {
  const before = decodeCursor(cursor, UUID)
  const rows = await db.$queryRaw<AlertView[]>`
    SELECT a.id, a.organization_id AS "organizationId", a.label, a.text, a.path, a.opened_at AS "openedAt", a.closed_at AS "closedAt", a.told_at AS "toldAt"
    FROM alerts a WHERE a.rule_id = ${ruleId}::uuid AND ${before ? sql`a.id < ${before}::uuid` : sql`TRUE`}
    ORDER BY a.id DESC LIMIT ${limit + 1}`
  return pageOf(
    rows,
    limit,
    ({ id }) => id,
    (row) => row,
  )
}

interface DeliveryRow {
  id: string
  ruleId: string
  kind: 'ALERT' | 'TEST'
  target: AlertTarget
  title: string
  createdAt: Date
  jobId: string | null
  error: string | null
  status: JobStatus | null
  finishedAt: Date | null
  jobError: string | null
  attempts: number | null
}

const deliveryColumns = sql`d.id, d.rule_id AS "ruleId", d.kind, d.target, d.title, d.created_at AS "createdAt", d.job_id AS "jobId", d.error,
  j.status, j.finished_at AS "finishedAt", j.error_message AS "jobError", j.attempt AS attempts`

/** The deliveries of a rule, newest first, page by page. The caller's right is checked before. */
export async function alertDeliveries(
  db: DbOrTx,
  { ruleId, cursor, limit }: { ruleId: string; cursor?: string; limit: number },
): Promise<Page<DeliveryView>> {
  const before = decodeCursor(cursor, UUID)
  const rows = await db.$queryRaw<DeliveryRow[]>`
    SELECT ${deliveryColumns} FROM alert_deliveries d LEFT JOIN jobs j ON j.id = d.job_id
    WHERE d.rule_id = ${ruleId}::uuid AND ${before ? sql`d.id < ${before}::uuid` : sql`TRUE`}
    ORDER BY d.id DESC LIMIT ${limit + 1}`
  return pageOf(rows, limit, ({ id }) => id, toDelivery)
}

async function lastDeliveries(db: DbOrTx, ruleIds: string[]): Promise<Map<string, DeliveryView>> {
  const rows = await db.$queryRaw<DeliveryRow[]>`
    SELECT ${deliveryColumns} FROM unnest(${ruleIds}::uuid[]) AS r(id)
    CROSS JOIN LATERAL (SELECT * FROM alert_deliveries d WHERE d.rule_id = r.id ORDER BY d.id DESC LIMIT 1) d
    LEFT JOIN jobs j ON j.id = d.job_id`
  return new Map(rows.map((row) => [row.ruleId, toDelivery(row)]))
}

function toDelivery({ id, kind, title, target, createdAt, ...row }: DeliveryRow): DeliveryView {
  const { status } = row
  const state: DeliveryState =
    row.error !== null
      ? 'FAILED'
      : status === null
        ? 'UNKNOWN'
        : status === 'COMPLETED'
          ? 'SENT'
          : status === 'DEAD_LETTER' || status === 'CANCELED'
            ? 'FAILED'
            : 'WAITING'
  return {
    id,
    kind,
    title,
    target: targetText(target),
    state,
    createdAt,
    sentAt: state === 'SENT' ? row.finishedAt : null,
    error: state === 'SENT' ? null : (row.error ?? row.jobError),
    attempts: row.attempts ?? 0,
  }
}
