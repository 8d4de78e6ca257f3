import { spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { openClient, type S3Settings } from '@/server/storage/s3-client.mjs'

// An S3 server for tests.

export interface S3Server {
  settings: S3Settings
  /** The keys of all objects in the bucket. */
  keys(): Promise<string[]>
  stop(): Promise<void>
}

const PROGRAM = fileURLToPath(new URL('../node_modules/s3rver/bin/s3rver.js', import.meta.url))

/** Starts a server that speaks the S3 protocol, with an empty bucket, on a free port. */
export async function startS3Server(): Promise<S3Server> {
  const directory = await mkdtemp(path.join(tmpdir(), 'jobyard-s3-'))
  const bucket = 'jobyard-test'
  // A process of its own: it needs an old cipher for the tokens of its lists, which a whole process has or has not.
  const server = spawn(
    process.execPath,
    ['--openssl-legacy-provider', PROGRAM, '-s', '-d', directory, '-a', '127.0.0.1', '-p', '0'].concat([
      '--configure-bucket',
      bucket,
    ]),
    { stdio: ['ignore', 'pipe', 'inherit'] },
  )
  const gone = new Promise<void>((resolve) => server.once('exit', () => resolve()))
  const port = await portOf(server.stdout)
  const settings: S3Settings = {
    bucket,
    region: 'us-east-1',
    endpoint: `http://127.0.0.1:${port}`,
    keys: { accessKeyId: 'S3RVER', secretAccessKey: 'S3RVER' }, // the only ones that this server knows
  }
  const client = await openClient(settings)
  return {
    settings,
    async keys() {
      const { ListObjectsV2Command } = await import('@aws-sdk/client-s3')
      const { Contents = [] } = await client.send(new ListObjectsV2Command({ Bucket: bucket }))
      return Contents.map(({ Key }) => Key!)
    },
    async stop() {
      client.destroy()
      server.kill('SIGKILL')
      await gone
      await rm(directory, { recursive: true, force: true })
    },
  }
}

async function portOf(output: AsyncIterable<Buffer>): Promise<number> {
  let text = ''
  for await (const chunk of output) {
    text += chunk.toString()
    const [, port] = /listening on \S+:(\d+)/.exec(text) ?? []
    if (port) return Number(port)
  }
  throw new Error(`The S3 server did not start: ${text}`)
}
