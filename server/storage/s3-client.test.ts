import { once } from 'node:events'
import { createServer, request as httpRequest, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readSettings } from '@/launcher/settings.mjs'
import { startS3Server, type S3Server } from '@/testing/s3-server'
import { EnvError, parseWorkerEnv } from '@/server/env'
import { storageSettings } from './index'
import { bucketUnusable, s3Problems, s3Settings, whyBucketUnusable } from './s3-client.mjs'

let s3: S3Server
beforeAll(async () => {
  s3 = await startS3Server()
})
afterAll(() => s3.stop())

test('a bucket is tried by writing, reading, listing and removing, and nothing of the trial remains', async () => {
  expect(await whyBucketUnusable(s3.settings)).toBe('')
  expect(await s3.keys()).toEqual([])
})

test('a bucket that cannot be used is named in one line, with what failed and without the secret', async () => {
  const wrong = [
    { ...s3.settings, bucket: 'another-bucket' },
    { ...s3.settings, endpoint: 'http://127.0.0.1:9' },
    { ...s3.settings, keys: { accessKeyId: 'unknown', secretAccessKey: 'hunter2-hunter2' } },
  ]
  const lines = []
  for (const settings of wrong) lines.push(bucketUnusable(settings, await whyBucketUnusable(settings)))
  expect(lines[0]).toMatch(
    /^STORAGE_S3_BUCKET another-bucket at \S+ cannot be used \(writing a file: NoSuchBucket\)\. /,
  )
  expect(lines[1]).toMatch(/\(writing a file: ECONNREFUSED\)/)
  expect(lines[2]).toMatch(/\(writing a file: InvalidAccessKeyId\)/)
  expect(lines.join()).not.toMatch(/hunter2|\n/)
})

/**
 * Uses the bucket through a proxy, because the server itself gives every key all rights. The proxy answers a request
 * itself where `answers` says so. The signature covers the header Host, which goes on as it came.
 */
async function throughProxy(
  answers: (request: IncomingMessage) => { status: number; body: string } | null,
  work: (settings: S3Server['settings']) => Promise<void>,
) {
  const proxy = createServer((request, response) => {
    const own = answers(request)
    if (own) return void response.writeHead(own.status, { 'content-type': 'application/xml' }).end(own.body)
    const { method, headers, url } = request
    const onward = httpRequest(`${s3.settings.endpoint}${url}`, { method, headers }, (answer) => {
      response.writeHead(answer.statusCode!, answer.headers)
      answer.pipe(response)
    })
    request.pipe(onward)
  }).listen(0, '127.0.0.1')
  await once(proxy, 'listening')
  try {
    await work({ ...s3.settings, endpoint: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}` })
    expect(await s3.keys()).toEqual([])
  } finally {
    proxy.closeAllConnections()
    proxy.close()
  }
}

const isRead = ({ method, url }: IncomingMessage) => method === 'GET' && !url!.includes('list-type')
const isList = ({ url }: IncomingMessage) => url!.includes('list-type')

test.each([
  ['reading', isRead],
  ['listing', isList],
])('a bucket in which %s is forbidden keeps nothing of the trial', async (step, forbidden) => {
  const body = '<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>'
  await throughProxy(
    (request) => (forbidden(request) ? { status: 403, body } : null),
    async (settings) => expect(await whyBucketUnusable(settings)).toBe(`${step} a file: AccessDenied`),
  )
})

test('a bucket that gives back something else than what was written cannot be used', () =>
  throughProxy(
    (request) => (isRead(request) ? { status: 200, body: 'Please sign in' } : null),
    async (settings) => expect(await whyBucketUnusable(settings)).toBe('reading a file: it is not what was written'),
  ))

const good = {
  NODE_ENV: 'test' as const,
  DATABASE_URL: 'postgresql://u:p@localhost:5432/db',
  STORAGE_S3_BUCKET: 'files',
}

test.each([
  [
    { STORAGE_S3_BUCKET: '', STORAGE_S3_REGION: 'eu-central-1' },
    'STORAGE_S3_BUCKET is not set, but STORAGE_S3_REGION is',
  ],
  [{ STORAGE_S3_BUCKET: 'My_Bucket' }, 'STORAGE_S3_BUCKET must be the name of a bucket'],
  [{ STORAGE_S3_ENDPOINT: 's3.example.com' }, 'STORAGE_S3_ENDPOINT must be an address'],
  [{ STORAGE_S3_REGION: 'Frankfurt am Main' }, 'STORAGE_S3_REGION must be a region'],
  [{ STORAGE_S3_ACCESS_KEY_ID: 'key' }, 'STORAGE_S3_SECRET_ACCESS_KEY is not set, but STORAGE_S3_ACCESS_KEY_ID is'],
  [{ STORAGE_S3_SECRET_ACCESS_KEY: 'hunter2' }, 'STORAGE_S3_ACCESS_KEY_ID is not set'],
])('variables of S3 that are wrong are refused by name before the start and at it: %j', (given, line) => {
  const env = { ...good, ...given }
  expect(() => readSettings({ ...env })).toThrow(line)
  expect(() => parseWorkerEnv(env)).toThrow(EnvError)
  expect(() => parseWorkerEnv(env)).toThrow(line)
  expect(() => parseWorkerEnv(env)).not.toThrow('hunter2')
})

test('files lie in a folder unless a bucket is named, and the keys may come from elsewhere', () => {
  expect(s3Problems(good)).toEqual([])
  expect(storageSettings({ STORAGE_DIR: '/files' })).toEqual({ directory: '/files' })
  const s3 = s3Settings(good)
  expect(s3).toEqual({ bucket: 'files', region: 'us-east-1', endpoint: null, keys: null })
  expect(storageSettings({ STORAGE_DIR: '/files', ...good })).toEqual({ s3 })
})
