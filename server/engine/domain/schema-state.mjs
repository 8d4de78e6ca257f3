/**
 * How the migrations of a database stand to those that this version brings. The launcher, the processes and the health
 * check ask it.
 *
 * @typedef {object} SchemaState
 * @property {'current' | 'older' | 'newer'} state of the database, as seen from this version
 * @property {boolean} serves true where this version can work with the database
 * @property {string} message what is wrong and the way out, in one line; empty where nothing is wrong
 */

/**
 * @param {object} migrations
 * @param {readonly string[]} migrations.own names of the migrations that this version brings
 * @param {readonly string[]} migrations.applied names of those that the database has
 * @param {readonly string[]} migrations.expanding names of those on which the version before them still runs
 * @returns {SchemaState}
 */
export function schemaState({ own, applied, expanding }) {
  const unknown = applied.filter((name) => !own.includes(name))
  if (unknown.length > 0) {
    const serves = unknown.every((name) => expanding.includes(name)) && own.every((name) => applied.includes(name))
    const which = `The database is newer than this version of Jobyard: it has the migration ${listed(unknown)}, which this version does not bring.`
    return {
      state: 'newer',
      serves,
      message: serves
        ? `${which} This version still works with it.`
        : `${which} Start the newer version, or restore a backup from before the upgrade.`,
    }
  }
  const missing = own.filter((name) => !applied.includes(name))
  if (missing.length === 0) return { state: 'current', serves: true, message: '' }
  const what =
    applied.length === 0
      ? 'The database has no tables of Jobyard yet.'
      : `The database is older than this version of Jobyard: it lacks the migration ${listed(missing)}.`
  return { state: 'older', serves: false, message: `${what} Run \`npm run db:migrate\`.` }
}

/** @param {readonly string[]} names */
const listed = (names) => (names.length > 1 ? `${names[0]} and ${names.length - 1} more` : String(names[0]))
