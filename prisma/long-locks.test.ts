import { expect, test } from 'vitest'
import { longLocks } from './long-locks'

test.each([
  ['an index', 'CREATE INDEX "jobs_x" ON "jobs" ("title");', 'CONCURRENTLY'],
  ['a unique index', 'CREATE UNIQUE INDEX x ON public.job_inputs (title)', 'CONCURRENTLY'],
  ['an index on results', 'CREATE INDEX x ON "job_results" ("job_id")', 'CONCURRENTLY'],
  ['claims of hashes deleted', 'DELETE FROM dedupe_claims', 'in pieces'],
  ['all idempotency keys changed', 'UPDATE idempotency_keys SET expires_at = now()', 'in pieces'],
  ['another type', 'ALTER TABLE "jobs" ALTER COLUMN "attempt" TYPE BIGINT', 'another type'],
  ['another type, in the long form', 'ALTER TABLE jobs\n  ALTER attempt SET DATA TYPE bigint', 'another type'],
  ['NOT NULL without a check', 'ALTER TABLE "jobs" ALTER COLUMN "run_at" SET NOT NULL', 'CHECK (run_at IS NOT NULL)'],
  ['a foreign key', 'ALTER TABLE jobs ADD CONSTRAINT f FOREIGN KEY (a) REFERENCES b(id)', 'NOT VALID'],
  ['a check', 'ALTER TABLE jobs ADD CONSTRAINT c CHECK (attempt >= 0)', 'NOT VALID'],
  ['a unique constraint', 'ALTER TABLE jobs ADD CONSTRAINT u UNIQUE (a)', 'USING INDEX'],
  [
    'a column with a value for each row',
    'ALTER TABLE jobs ADD COLUMN u uuid DEFAULT gen_random_uuid()',
    'fill it in pieces',
  ],
  [
    'a column that is computed',
    'ALTER TABLE jobs ADD COLUMN n int GENERATED ALWAYS AS (a + 1) STORED',
    'fill it in pieces',
  ],
  ['all rows changed', "UPDATE jobs SET title = 'x;y'", 'in pieces'],
  ['rows deleted', 'DELETE FROM execution_logs WHERE at < now()', 'in pieces'],
  ['a table locked', 'LOCK TABLE jobs IN EXCLUSIVE MODE', 'locks the whole table'],
  [
    'a constraint made and made valid at once',
    'ALTER TABLE jobs ADD CONSTRAINT c CHECK (a > 0) NOT VALID; ALTER TABLE jobs VALIDATE CONSTRAINT c',
    'next migration',
  ],
  [
    'an index beside something else',
    'CREATE INDEX CONCURRENTLY x ON jobs (a); ALTER TABLE jobs ADD COLUMN b INT',
    'alone in its migration',
  ],
])('a migration with %s on a big table is refused, with what is wrong or the way out', (_, sql, way) => {
  const found = longLocks(sql)
  expect(found).toHaveLength(1)
  expect(found[0]).toContain(way)
})

test.each([
  ['a new column', 'ALTER TABLE "jobs" ADD COLUMN "note" TEXT'],
  [
    'a new column with one value for all',
    'ALTER TABLE jobs ADD COLUMN a INT NOT NULL DEFAULT 0, ADD COLUMN at timestamptz DEFAULT now()',
  ],
  ['an index that is built beside the work', 'CREATE INDEX CONCURRENTLY "x" ON "jobs" ("a")'],
  ['a constraint for new rows', 'ALTER TABLE jobs ADD CONSTRAINT c CHECK (a > 0) NOT VALID'],
  ['a constraint that is made valid', 'ALTER TABLE jobs VALIDATE CONSTRAINT c'],
  ['an index on a table that is made here', 'CREATE TABLE "notes" (a INT); CREATE INDEX x ON "notes" (a)'],
  ['an index on a small table', 'CREATE INDEX x ON "job_types" ("handler")'],
  [
    'what stands in a comment or a function',
    '-- UPDATE jobs SET a = 1\nCREATE FUNCTION f() RETURNS trigger AS $$ BEGIN UPDATE jobs SET a = 1; RETURN NEW; END $$ LANGUAGE plpgsql',
  ],
])('a migration with %s is allowed', (_, sql) => expect(longLocks(sql)).toEqual([]))

test('NOT NULL is allowed where an earlier migration has made a check of it valid', () => {
  const before = [
    'ALTER TABLE jobs ADD CONSTRAINT there CHECK ("run_at" IS NOT NULL) NOT VALID',
    'ALTER TABLE jobs VALIDATE CONSTRAINT there',
  ]
  const sql = 'ALTER TABLE jobs ALTER COLUMN run_at SET NOT NULL'
  expect(longLocks(sql, before)).toEqual([])
  expect(longLocks(sql, before.slice(0, 1))).toHaveLength(1)
})
