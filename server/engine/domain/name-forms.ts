// The forms of names. Each is written once, so that what checks a new name and what reads one back, as out of the cursor of a
// list, agree.

const NAME_FORM = '[a-z0-9][a-z0-9._-]{0,99}'

/** The form of the name of a job type, to build other regular expressions from. */
export const JOB_TYPE_FORM = NAME_FORM

/** Matches the name of a job type. The key of a handler has the same form, because a job type is named after it. */
export const JOB_TYPE_NAME = new RegExp(`^${JOB_TYPE_FORM}$`)

/** Matches the name of a worker pool. */
export const POOL_NAME = new RegExp(`^${NAME_FORM}$`)

/** What the names of job types and of worker pools must be, as the end of a sentence. */
export const NAME_WORDS = 'must begin with a-z or 0-9, then up to 99 of a-z, 0-9, ".", "_", "-"'

/** Matches the short name of an organization. */
export const SLUG = /^[a-z0-9][a-z0-9-]{0,62}$/
