import { Prisma } from '@/server/db'
import type { Crew } from '../domain/crew'
import type { HeldStretch } from '../domain/held-stretches'
import type { QueueName } from '../domain/types'
import { lockJobs } from './by-id'
import { unable } from './crews'
import { hasCome, waitingAndDue } from './due'
import { circuitOver, mayBeDispatched, mayEndUnannounced } from './holds'
import { holdsSlot, isOfKinds, roomForLong, runsLong, type Kind } from './kept-slots'

const { sql } = Prisma

/**
 * Lanes are walked from their ends. At their fronts lie the index entries of jobs that were just dispatched, thousands
 * on a busy system, and every look would read over them until they are removed.
 */
const fromTheEnd = sql`ORDER BY j.organization_id DESC, j.job_type DESC, j.priority DESC LIMIT 1`

/** Condition: the queue has jobs that are due and wait for their turn. */
export const anyDue = (queue: QueueName) =>
  sql`COALESCE((SELECT TRUE FROM jobs j WHERE j.queue = ${queue}::"JobQueue" AND ${waitingAndDue} ${fromTheEnd}), FALSE)`

/** Where a walk over all lanes begins. Lanes are walked downwards, and this id is above that of every organization. */
const TOP = 'ffffffff-ffff-ffff-ffff-ffffffffffff'

/** Whose turn it is in one queue. One round of the dispatcher tells it to the next. */
export interface Turn {
  /** The walk over the lanes goes on below this organization. Null: it begins at the top. */
  below: string | null
  /** The organization that was served last. Null: none is known, or `below` says it. */
  after: string | null
}

/** So many lanes in a row make a stretch that is worth remembering. */
const STRETCH_LANES = 8

/** Where a dispatcher begins. */
export const FIRST_TURN: Turn = { below: null, after: null }

/**
 * How many lanes one statement walks, where it may take `limit` jobs (decision 0080). It then walks the other lanes of
 * the last organization, too, because all lanes of an organization are compared with each other.
 */
const lanesWalked = (limit: number) => Math.min(2_000, Math.max(256, 2 * limit))

/**
 * Chooses and locks the jobs of one queue that may be handed to a crew now, at most `limit`. Jobs that somebody else
 * has locked are left out. The columns of a job that was chosen:
 * - `place`: its number in the order in which jobs are handed out.
 * - `ahead`: it goes to the head of BullMQ's queue, because its organization has nothing in flight here and others have.
 * - `trial`: it tries whether an open circuit may close.
 * - `yields`: it may not take the last free slot of a worker (see "Kept slots").
 *
 * One more row, without a job, gives `next`: whose turn is next (`turn`), and stretches of organizations that a hold
 * keeps back (`held`). A dispatcher may give these to later statements, which then pass each in one step.
 *
 * Lanes. A lane is (organization, job type, priority). Everything that may hold jobs back as a whole holds back whole
 * lanes, so a paused type with 100,000 jobs costs one look. The index is walked from lane to lane, up to a number that
 * follows from `limit`, and the first jobs of each open lane are read. These are called its head.
 *
 * Order. Organizations take turns, and the one with the least in flight comes first. Of those with equally much in
 * flight, the ones behind the last one served (`after`) come first, by their ids, and then the others. So each is
 * served before anybody is served twice, however old the jobs of the others are (decision 0137). While none is known,
 * the organization with the lowest rank comes first. Where a walk takes several statements, each serves the
 * organizations by their ids from its beginning, and the next one goes on where places ran out. Within an organization
 * the job with the lowest rank comes first. Limits cut each organization, each job type, and each pair of both to the
 * room that is left. A limit that is used up closes its lanes before anything is counted, so it never takes another's
 * turn. The room of a job type goes to the organizations with the least in flight, and of those with equally much it is
 * drawn by lot.
 *
 * Kept slots. A share of the slots (store/kept-slots.ts) is kept for organizations that have nothing in flight here.
 * Jobs of the kinds in `short` may lie in the queue beyond the share of the others. This holds as long as no job of
 * their kind is seen to run long, and long jobs leave a slot for short ones. A job that lies there beyond the share
 * yields the last free slot of a worker.
 *
 * What was tried or weighed before and dropped:
 * - To check job by job whether it may go. 100,000 jobs of a paused type would be read at each dispatch (decision 0014).
 * - Counters of what is in flight, instead of counting QUEUED and RUNNING. A limit would be only as right as the
 *   bookkeeping of every way out of RUNNING (0014).
 * - What is in flight in a CTE of its own, joined to the lanes. The planner expects few rows there and compared
 *   each lane with each of them; since then both are one set, summed up by windows. No figure was kept.
 * - To walk the lanes from their fronts. The index entries of the jobs just dispatched lie there, and three looks a
 *   round read over them. This and four other savings of the same commit: 20,000 jobs on Redis ran at 0.37 to 0.53 of
 *   bare BullMQ's rate in eight rounds, and at 0.41 to 0.61 in six others; before, at 0.31 to 0.42.
 * - A generic plan that is kept, for all statements: no gain that showed in the noise, and rollups became slower (0042).
 * - To look again at once after a round that moved a few: it found nothing. The next one follows after a pause (0042).
 * - A quarter of the slots kept instead of an eighth: costs more, and holds no more for one newcomer (0051).
 * - A share kept on each worker: costs 10 of 40 slots on ten workers of four, where this costs 5 (0051).
 * - Short measured by job type alone, and by the mean: after twenty short jobs, whoever's, four
 *   jobs of an hour each passed as short (0051).
 * - Every slot for jobs that were measured to be short: behind 60 short ones, four jobs of 45 s of the same type started
 *   and six more lay in BullMQ, before another organization's first job (0051).
 */
export function eligibleJobs(
  queue: QueueName,
  limit: number,
  short: readonly Kind[],
  { below, after }: Turn,
  crew: Crew,
  held: readonly HeldStretch[],
): Prisma.Sql {
  const inQueue = sql`j.queue = ${queue}::"JobQueue" AND ${waitingAndDue}`
  const most = sql`${lanesWalked(limit)}::int`
  // No limit is the largest integer, so that every number is below it.
  const room = sql`COALESCE((SELECT room FROM room_for_long), 2147483647)`
  const flow = sql`COALESCE((SELECT flow FROM room_for_long), 2147483647)`
  const cursor = sql`${after}::uuid`
  const byId = sql`(${cursor} IS NOT NULL OR ${below}::uuid IS NOT NULL OR (SELECT organization_id FROM part_end) IS NOT NULL)`
  const inOrder = sql`turn, organization_id >= ${cursor}, CASE WHEN ${byId} THEN organization_id END DESC, rank_at, id`
  const lane = { organizationId: sql`l.organization_id`, jobType: sql`l.job_type`, crew }
  const aboves = sql`${held.map(({ above }) => above)}::uuid[]`
  const bottoms = sql`${held.map(({ bottom }) => bottom)}::uuid[]`
  /** The bottom of the remembered stretch in which an organization lies. NULL where it lies in none. */
  const bottomOf = (organizationId: Prisma.Sql) => sql`CASE WHEN cardinality(${aboves}) > 0 THEN (
    SELECT s.bottom FROM unnest(${aboves}, ${bottoms}) AS s(above, bottom) WHERE ${organizationId} >= s.bottom AND ${organizationId} < s.above LIMIT 1) END`
  // In flight in this queue of this crew. A job that runs holds its slot there, whatever pool its type is in by now.
  const here = sql`j.queue = ${queue}::"JobQueue" AND j.crew = ${crew.name}`
  return sql`
    WITH RECURSIVE room_for_long AS MATERIALIZED (${roomForLong(queue, crew)}),
    -- A lane with a bottom stands for the remembered stretch in which it lies. The walk goes on below the stretch: no job
    -- type comes before ''.
    walked AS (
      (SELECT first.*, 1 AS nth, ${bottomOf(sql`first.organization_id`)} AS bottom FROM (
        SELECT j.organization_id, j.job_type, j.priority FROM jobs j
        WHERE ${inQueue} AND j.organization_id < ${below ?? TOP}::uuid ${fromTheEnd}) first)
      UNION ALL
      SELECT next.*, l.nth + 1, ${bottomOf(sql`next.organization_id`)} FROM walked l CROSS JOIN LATERAL (
        SELECT j.organization_id, j.job_type, j.priority FROM jobs j
        WHERE ${inQueue} AND (j.organization_id, j.job_type, j.priority)
          < (COALESCE(l.bottom, l.organization_id), CASE WHEN l.bottom IS NULL THEN l.job_type ELSE '' END, l.priority)
        ${fromTheEnd}) next
      WHERE l.nth < ${most} OR next.organization_id = l.organization_id
    ),
    lanes AS MATERIALIZED (SELECT * FROM walked WHERE bottom IS NULL),
    -- The last organization of this part of the walk. No row where the walk came to its end before.
    part_end AS MATERIALIZED (SELECT COALESCE(bottom, organization_id) AS organization_id FROM walked WHERE nth >= ${most} ORDER BY nth DESC LIMIT 1),
    ${unable(crew)},
    -- Lanes and what is in flight as one set of rows, summed up by windows: joined, the planner, which
    -- expects few rows in flight, would compare each lane with each of them.
    -- jobs: in flight in any queue. here: in this one. held: here, with a slot that counts. slow: one runs long now.
    counted AS MATERIALIZED (
      SELECT *, sum(jobs) OVER (PARTITION BY organization_id, job_type) AS of_pair,
        sum(jobs) OVER (PARTITION BY organization_id) AS of_organization,
        sum(jobs) OVER (PARTITION BY job_type) AS of_type,
        sum(here) OVER (PARTITION BY organization_id) AS in_flight,
        sum(here) OVER () AS in_queue,
        measured_short AND NOT bool_or(slow) OVER (PARTITION BY organization_id, job_type) AS short,
        COALESCE(sum(held) OVER (), 0) AS held_in_queue,
        COALESCE(sum(held) FILTER (WHERE slow OR NOT measured_short) OVER (), 0) AS long_in_queue
      FROM (
        SELECT l.organization_id, l.job_type, l.priority, 0 AS jobs, 0 AS here, 0 AS held, FALSE AS slow, ${isOfKinds(short, sql`l`)} AS measured_short FROM lanes l
        UNION ALL
        SELECT j.organization_id, j.job_type, NULL, count(*)::int, (count(*) FILTER (WHERE ${here}))::int,
          (count(*) FILTER (WHERE ${here} AND ${holdsSlot}))::int,
          COALESCE(bool_or(j.status = 'RUNNING' AND ${runsLong}), FALSE), ${isOfKinds(short, sql`j`)}
        FROM jobs j WHERE j.status IN ('QUEUED', 'RUNNING') GROUP BY 1, 2
      ) s
    ),
    judged AS MATERIALIZED (
      SELECT ${mayBeDispatched(lane)} AS open, ${mayEndUnannounced} AS fleeting, l.organization_id, l.job_type, l.priority, l.in_flight::int, l.in_queue, l.held_in_queue, c.state IS NOT NULL AS trial,
        -- Once long jobs hold all slots but the last of each worker (flow), short jobs are counted like long ones.
        l.short AND l.long_in_queue < ${flow} AS short,
        CASE WHEN l.long_in_queue < ${flow} THEN l.long_in_queue ELSE l.held_in_queue END AS in_room,
        (o.max_concurrent - l.of_organization)::int AS organization_room,
        (t.concurrency_global - l.of_type)::int AS type_room,
        -- An open circuit lets one job through, its trial.
        LEAST(t.concurrency_per_organization - l.of_pair, CASE WHEN c.state IS NOT NULL THEN 1 END)::int AS pair_room
      FROM counted l
      -- Each looked up by its key, so that those without due work cost nothing (OFFSET 0: decision 0135).
      CROSS JOIN LATERAL (SELECT * FROM organizations o WHERE o.id = l.organization_id OFFSET 0) o
      CROSS JOIN LATERAL (SELECT * FROM job_types t WHERE t.name = l.job_type OFFSET 0) t
      LEFT JOIN LATERAL (SELECT * FROM circuits c WHERE ${circuitOver(lane)} OFFSET 0) c ON TRUE
      WHERE l.priority IS NOT NULL
    ),
    open_lanes AS MATERIALIZED (SELECT * FROM judged WHERE open),
    heads AS MATERIALIZED (
      SELECT l.*, head.id, head.rank_at, CASE WHEN l.type_room IS NOT NULL AND ${byId} THEN random() END AS lot
      FROM (
        -- Of each lane twice its even part of the limit is read, because other lanes may have fewer jobs.
        SELECT *, LEAST(${limit}::int, 1 + 2 * ${limit}::int / (count(*) OVER ())::int) AS share FROM open_lanes
        WHERE COALESCE(organization_room, 1) > 0 AND COALESCE(type_room, 1) > 0 AND COALESCE(pair_room, 1) > 0
      ) l
      CROSS JOIN LATERAL (
        SELECT j.id, j.rank_at FROM jobs j
        WHERE ${inQueue} AND j.organization_id = l.organization_id AND j.job_type = l.job_type AND j.priority = l.priority
          AND ${hasCome(sql`l.priority`)}
          AND (j.job_type, j.job_type_version) NOT IN (SELECT u.job_type, u.version FROM unable u)
        ORDER BY j.rank_at, j.id LIMIT LEAST(l.share, l.organization_room, l.type_room, l.pair_room)) head
    ),
    in_pair AS (
      SELECT *, row_number() OVER (PARTITION BY organization_id, job_type ORDER BY rank_at, id) AS nth_of_pair FROM heads
    ),
    in_organization AS (
      SELECT *, row_number() OVER (PARTITION BY organization_id ORDER BY rank_at, id) AS nth_of_organization
      FROM in_pair WHERE nth_of_pair <= COALESCE(pair_room, nth_of_pair)
    ),
    in_turn AS (
      SELECT *, in_flight + nth_of_organization AS turn,
        row_number() OVER (PARTITION BY job_type ORDER BY in_flight + nth_of_organization, lot, rank_at, id) AS nth_of_type
      FROM in_organization WHERE nth_of_organization <= COALESCE(organization_room, nth_of_organization)
    ),
    -- in_order lets in the first job of an organization with nothing here (turn = 1), room or not. It is numbered like the rest.
    in_type AS (
      SELECT *, row_number() OVER (PARTITION BY short ORDER BY ${inOrder}) AS nth_of_length
      FROM in_turn WHERE nth_of_type <= COALESCE(type_room, nth_of_type)
    ),
    -- One more than may be taken, which tells whether places ran out among organizations with equally much in flight.
    in_order AS MATERIALIZED (
      SELECT id, organization_id, turn, trial, turn = 1 AND in_queue > in_flight AS ahead, row_number() OVER by_turn AS place,
        turn > 1 AND held_in_queue + row_number() OVER by_turn > ${room} AS yields
      FROM in_type WHERE short OR turn = 1 OR in_room + nth_of_length <= ${room}
      WINDOW by_turn AS (ORDER BY ${inOrder})
      ORDER BY ${inOrder} LIMIT ${limit}::int + 1
    ),
    picked AS (SELECT * FROM in_order WHERE place <= ${limit}::int),
    last_served AS (SELECT organization_id, turn FROM picked ORDER BY place DESC LIMIT 1),
    next_turn AS (
      SELECT CASE WHEN places_ran_out AND (${below}::uuid IS NOT NULL OR part_end IS NOT NULL) THEN last_served ELSE part_end END AS below, last_served
      FROM (SELECT (SELECT organization_id FROM part_end) AS part_end, (SELECT organization_id FROM last_served) AS last_served,
        EXISTS (SELECT 1 FROM in_order n WHERE n.place > ${limit}::int AND n.turn = (SELECT turn FROM last_served)) AS places_ran_out) p
    ),
    -- Stretches of organizations that a hold keeps back as a whole. Not looked for where one statement walks all lanes.
    stretches AS (
      SELECT (array_agg(above ORDER BY organization_id DESC))[1] AS above, (array_agg(organization_id ORDER BY organization_id))[1] AS bottom, sum(lanes) AS lanes
      FROM (
        SELECT *, COALESCE(lag(organization_id) OVER downwards, ${below ?? TOP}::uuid) AS above, count(*) FILTER (WHERE NOT held) OVER downwards AS nth
        FROM (
          SELECT organization_id, bool_and(NOT open AND NOT fleeting) AS held, count(*) AS lanes FROM judged
          WHERE ${below}::uuid IS NOT NULL OR EXISTS (SELECT 1 FROM part_end) GROUP BY 1
          UNION ALL SELECT bottom, FALSE, 0 FROM walked WHERE bottom IS NOT NULL) o
        WINDOW downwards AS (ORDER BY organization_id DESC)) o
      WHERE held GROUP BY nth HAVING sum(lanes) >= ${STRETCH_LANES}::int
    )
    SELECT *, NULL::json AS next FROM (
      SELECT s.job_id, locked.status AS from_status, s.place, s.trial, s.ahead, s.yields
      FROM (SELECT *, id AS job_id FROM picked ORDER BY id) s
      ${lockJobs(['PENDING', 'FAILED', 'TIMED_OUT'], sql`j.pending_parents = 0 AND j.is_due AND ${hasCome(sql`j.priority`)}`, 'skip')}) taken
    UNION ALL
    SELECT NULL, NULL, NULL, NULL, NULL, NULL, json_build_object(
      'turn', json_build_object('below', below, 'after', CASE WHEN below IS NULL THEN COALESCE(last_served, ${cursor}) END),
      'held', (SELECT COALESCE(json_agg(s), '[]') FROM stretches s)) FROM next_turn`
}
