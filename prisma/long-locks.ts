/** Tables with rows for every job, or more: whoever holds them locked for a scan stops the product for minutes. */
const BIG = new Set([
  'jobs',
  'job_inputs',
  'job_search',
  'job_results',
  'job_attempts',
  'job_logs',
  'job_dependencies',
  'dedupe_claims',
  'idempotency_keys',
  'rate_admissions',
  'execution_logs',
  'artifacts',
  'audit_events',
  'usage_deltas',
  'bulk_items',
])

/** Matches the name of a table, with or without its schema and quotes. The group is the bare name. */
const name = '(?:"?public"?\\.)?"?(\\w+)"?'
/** A default that PostgreSQL has to work out for each row, so it writes the table anew. */
const VOLATILE = /\bDEFAULT\s+(?:clock_timestamp|gen_random_uuid|uuid_generate\w*|random|nextval|timeofday)\s*\(/i

interface Rule {
  /** Which statements it is about. The first group is the table. */
  statement: RegExp
  /** Whether such a statement is refused where its table is big. */
  refused: (text: string) => boolean
  /** What is wrong with the statement, and the way out. The text follows the statement in a sentence. */
  why: string
}

const always = () => true
const altered = new RegExp(`^ALTER TABLE (?:IF EXISTS )?(?:ONLY )?${name}`, 'i')

const RULES: readonly Rule[] = [
  {
    statement: new RegExp(`^CREATE (?:UNIQUE )?INDEX (?!CONCURRENTLY).*? ON (?:ONLY )?${name}`, 'i'),
    refused: always,
    why: 'builds an index while nobody can write. Write CREATE INDEX CONCURRENTLY, in a migration of its own',
  },
  {
    statement: altered,
    refused: (text) => /ALTER (?:COLUMN )?"?\w+"? (?:SET DATA )?TYPE\b/i.test(text),
    why: 'writes the table anew for another type. Add a column, fill it in pieces, and let the next release read it',
  },
  {
    statement: altered,
    refused: (text) => /ADD (?:CONSTRAINT \S+ )?(?:FOREIGN KEY|CHECK)/i.test(text) && !/\bNOT VALID\b/i.test(text),
    why: 'reads the whole table under a lock. Add the constraint NOT VALID, and VALIDATE it in the next migration',
  },
  {
    statement: altered,
    refused: (text) => /ADD (?:CONSTRAINT \S+ )?(?:UNIQUE|PRIMARY KEY|EXCLUDE)(?! USING INDEX)/i.test(text),
    why: 'builds an index under a lock. Make it CONCURRENTLY first, then ADD CONSTRAINT … USING INDEX',
  },
  {
    statement: altered,
    refused: (text) =>
      /ADD (?:COLUMN )?(?!CONSTRAINT\b|FOREIGN\b|CHECK\b|UNIQUE\b|PRIMARY\b)/i.test(text) &&
      (VOLATILE.test(text) || /\bGENERATED\b|\b(?:BIG|SMALL)?SERIAL\b/i.test(text)),
    why: 'writes the table anew for a column whose value differs from row to row. Add it without, and fill it in pieces',
  },
  {
    statement: new RegExp(`^UPDATE (?:ONLY )?${name}`, 'i'),
    refused: always,
    why: 'locks every row until the migration ends. Let the leader fill it in pieces (worker/upkeep/duties)',
  },
  {
    statement: new RegExp(`^DELETE FROM (?:ONLY )?${name}`, 'i'),
    refused: always,
    why: 'locks every row until the migration ends. Let the leader delete in pieces (worker/upkeep/duties)',
  },
  {
    statement: new RegExp(
      `^(?:CLUSTER|REINDEX TABLE(?! CONCURRENTLY)|VACUUM FULL|LOCK TABLE|LOCK) (?:ONLY )?${name}`,
      'i',
    ),
    refused: always,
    why: 'locks the whole table',
  },
]

/**
 * Finds the statements of a migration that keep others from a big table for as long as PostgreSQL needs to read or
 * write all of it. A lock that is held for a moment, as for a new column, is allowed: the migration gives up waiting
 * for it after some seconds and tries again.
 *
 * @param sql the migration
 * @param earlier the migrations before it, in which a constraint may have been made valid
 * @returns one sentence for each such statement
 */
export function longLocks(sql: string, earlier: readonly string[] = []): string[] {
  const statements = statementsOf(sql)
  const made = new Set(
    statements.flatMap((text) => new RegExp(`^CREATE TABLE (?:IF NOT EXISTS )?${name}`, 'i').exec(text)?.[1] ?? []),
  )
  const isBig = (table: string | undefined) => table !== undefined && BIG.has(table) && !made.has(table)
  const found = statements.flatMap((text) =>
    RULES.filter(({ statement, refused }) => isBig(statement.exec(text)?.[1]) && refused(text)).map(({ why }) =>
      finding(text, why),
    ),
  )
  for (const text of statements) {
    if (!isBig(altered.exec(text)?.[1])) continue
    for (const [, column] of text.matchAll(/ALTER (?:COLUMN )?"?(\w+)"? SET NOT NULL/gi))
      if (!isChecked(column!, earlier))
        found.push(
          finding(
            text,
            `reads the whole table under a lock. First CHECK (${column} IS NOT NULL) NOT VALID, then VALIDATE it in a migration of its own, then this`,
          ),
        )
    const valid = /VALIDATE CONSTRAINT "?(\w+)"?/i.exec(text)?.[1]
    if (valid && statements.some((other) => new RegExp(`ADD CONSTRAINT "?${valid}"?`, 'i').test(other)))
      found.push(
        finding(text, 'keeps the lock of ADD CONSTRAINT while it reads the table. Put it into the next migration'),
      )
  }
  if (
    statements.length > 1 &&
    statements.some((text) => /^CREATE (?:UNIQUE )?INDEX CONCURRENTLY|^DROP INDEX CONCURRENTLY/i.test(text))
  )
    found.push('CONCURRENTLY works only outside of a transaction: let the statement be alone in its migration.')
  return found
}

const finding = (text: string, why: string) => `"${text.slice(0, 90)}" ${why}.`

/** True where an earlier migration made sure that a column has no NULL, so that PostgreSQL need not look. */
function isChecked(column: string, earlier: readonly string[]): boolean {
  const before = earlier.flatMap(statementsOf)
  const check = new RegExp(`ADD CONSTRAINT "?(\\w+)"? CHECK \\(\\(?"?${column}"? IS NOT NULL\\)?\\) NOT VALID`, 'i')
  return before.some((text) => {
    const constraint = check.exec(text)?.[1]
    return (
      constraint !== undefined &&
      before.some((other) => new RegExp(`VALIDATE CONSTRAINT "?${constraint}"?`, 'i').test(other))
    )
  })
}

/** The statements of a script, without comments, bodies of functions and texts, each on one line. */
function statementsOf(sql: string): string[] {
  return sql
    .replace(/(\$\w*\$)[\s\S]*?\1/g, "''")
    .replace(/--.*$/gm, '')
    .replace(/\/\*[\s\S]*?\*\//g, '')
    .replace(/'(?:[^']|'')*'/g, "''")
    .split(';')
    .map((text) => text.replace(/\s+/g, ' ').trim())
    .filter((text) => text !== '')
}
