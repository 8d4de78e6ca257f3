import { randomUUID } from 'node:crypto'

// Plain JavaScript, because the launcher imports this file, too, and runs before anything is built.

/**
 * @typedef {object} S3Settings where files are kept in S3. Plain data, because threads get it, too
 * @property {string} bucket
 * @property {string} region
 * @property {string | null} endpoint null: Amazon's
 * @property {{ accessKeyId: string, secretAccessKey: string } | null} keys null: as the SDK finds them (role of the machine, AWS_… variables)
 */

const NAMES = /** @type {const} */ ([
  'STORAGE_S3_BUCKET',
  'STORAGE_S3_ENDPOINT',
  'STORAGE_S3_REGION',
  'STORAGE_S3_ACCESS_KEY_ID',
  'STORAGE_S3_SECRET_ACCESS_KEY',
])
/** The variables that say where files are kept in S3. */
export const S3_VARIABLES = NAMES

/**
 * What is wrong with these variables, without their values: one may be a secret.
 * @param {Record<string, string | undefined>} env
 * @returns {{ name: typeof NAMES[number], message: string }[]}
 */
export function s3Problems(env) {
  const given = NAMES.filter((name) => env[name])
  if (given.length === 0) return []
  /** @type {{ name: typeof NAMES[number], message: string }[]} */
  const problems = []
  const bucket = env.STORAGE_S3_BUCKET
  if (!bucket)
    problems.push({ name: 'STORAGE_S3_BUCKET', message: `is not set, but ${given[0]} is: set both, or none of them` })
  else if (!/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(bucket))
    problems.push({
      name: 'STORAGE_S3_BUCKET',
      message: 'must be the name of a bucket: 3 to 63 lower case letters, digits, dots and hyphens',
    })
  const endpoint = env.STORAGE_S3_ENDPOINT
  if (endpoint && !(URL.canParse(endpoint) && /^https?:$/.test(new URL(endpoint).protocol)))
    problems.push({ name: 'STORAGE_S3_ENDPOINT', message: 'must be an address such as https://s3.example.com' })
  if (env.STORAGE_S3_REGION && !/^[a-z0-9-]{1,40}$/.test(env.STORAGE_S3_REGION))
    problems.push({ name: 'STORAGE_S3_REGION', message: 'must be a region such as eu-central-1' })
  for (const [name, other] of /** @type {const} */ ([
    ['STORAGE_S3_ACCESS_KEY_ID', 'STORAGE_S3_SECRET_ACCESS_KEY'],
    ['STORAGE_S3_SECRET_ACCESS_KEY', 'STORAGE_S3_ACCESS_KEY_ID'],
  ])) {
    if (!env[name] && env[other])
      problems.push({ name, message: `is not set, but ${other} is: set both, or none of them` })
  }
  return problems
}

/**
 * Where files are kept in S3, or null where they are kept in a folder. The variables must have no problems.
 * @param {Record<string, string | undefined>} env
 * @returns {S3Settings | null}
 */
export function s3Settings(env) {
  if (!env.STORAGE_S3_BUCKET) return null
  const [accessKeyId, secretAccessKey] = [env.STORAGE_S3_ACCESS_KEY_ID, env.STORAGE_S3_SECRET_ACCESS_KEY]
  return {
    bucket: env.STORAGE_S3_BUCKET,
    region: env.STORAGE_S3_REGION || 'us-east-1',
    endpoint: env.STORAGE_S3_ENDPOINT || null,
    keys: accessKeyId && secretAccessKey ? { accessKeyId, secretAccessKey } : null,
  }
}

/** @param {S3Settings} settings */
export async function openClient({ region, endpoint, keys }) {
  // It would warn at every start that versions of 2027 will need Node.js 22. Ours is pinned.
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true'
  const { S3Client } = await import('@aws-sdk/client-s3')
  return new S3Client({
    region,
    ...(keys && { credentials: keys }),
    // Other services than Amazon's seldom have a host name for each bucket.
    ...(endpoint && { endpoint, forcePathStyle: true }),
    // The SDK would add checksums that older servers take for a part of the file.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    requestHandler: { connectionTimeout: 5_000, socketTimeout: 120_000 },
    maxAttempts: 4,
  })
}

/**
 * Whether an error of S3 says that there is no such object. A missing bucket is not a missing object. But the answer to
 * a HEAD has no body and says `NotFound` in both cases, so there a missing bucket counts as a missing object.
 * @param {unknown} error
 */
export function isMissing(error) {
  const { name, $metadata } = /** @type {{ name?: string, $metadata?: { httpStatusCode?: number } }} */ (error)
  return name === 'NoSuchKey' || name === 'NotFound' || ($metadata?.httpStatusCode === 404 && name !== 'NoSuchBucket')
}

/**
 * Finds out whether files can be kept in a bucket: writes one, reads it, lists it and removes it. Rights in S3 are
 * given for each of these apart. The file is also removed where it cannot be read or listed.
 * @param {S3Settings} settings
 * @returns {Promise<string>} '' when they can, otherwise what went wrong
 */
export async function whyBucketUnusable(settings) {
  const { DeleteObjectCommand, GetObjectCommand, ListObjectsV2Command, PutObjectCommand } =
    await import('@aws-sdk/client-s3')
  const client = await openClient(settings)
  const at = { Bucket: settings.bucket, Key: `.probe-${randomUUID()}` }
  /** @param {string} step @param {Promise<unknown>} work */
  const whyNot = (step, work) =>
    work.then(
      () => '',
      (/** @type {{ name?: string, code?: string }} */ { name, code }) =>
        `${step} a file: ${code ?? name ?? 'unknown error'}`,
    )
  try {
    const body = `probe ${randomUUID()}`
    const unwritten = await whyNot('writing', client.send(new PutObjectCommand({ ...at, Body: body })))
    if (unwritten) return unwritten
    const read = client.send(new GetObjectCommand(at)).then(async ({ Body }) => {
      // A proxy may answer in the bucket's place, for example with a page to sign in.
      if ((await Body?.transformToString()) !== body)
        throw Object.assign(new Error(), { code: 'it is not what was written' })
    })
    const unread = await whyNot('reading', read)
    const list = new ListObjectsV2Command({ Bucket: at.Bucket, Prefix: at.Key })
    const unlisted = unread || (await whyNot('listing', client.send(list)))
    const unremoved = await whyNot('removing', client.send(new DeleteObjectCommand(at)))
    return unlisted || unremoved
  } finally {
    client.destroy()
  }
}

/** @param {S3Settings} settings @param {string} why */
export const bucketUnusable = ({ bucket, endpoint }, why) =>
  `STORAGE_S3_BUCKET ${bucket} at ${endpoint ?? 'Amazon S3'} cannot be used (${why}). Check the bucket, its address and region, and that the key may put, get, list and delete its objects.`
