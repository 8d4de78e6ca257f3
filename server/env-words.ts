/**
 * What each variable is for, in the order in which docs/configure.md lists them. A test wants a line for each variable
 * of env.ts.
 */
export const ENV_WORDS: Record<string, string> = {
  DATABASE_URL:
    'PostgreSQL 15 or newer, encoding UTF8, as in `postgresql://user:password@host:5432/name`. `npm start` without it brings a PostgreSQL of its own, with demo organizations.',
  REDIS_URL:
    'Redis 6.2 or newer with `maxmemory-policy noeviction`, as in `redis://:password@host:6379`. It carries ready work. Not set: PostgreSQL does.',
  PORT: 'Where the dashboard and the API listen. `npm start` without it takes 3000 or the next free one.',
  HOST: 'The address on which they listen. `npm start` with its own PostgreSQL listens for this machine alone; else all addresses.',
  NEXTAUTH_URL:
    'The address under which browsers reach it, as in `https://jobs.example.com`. Workers need it for `http.request` jobs, and for links in messages of alerts.',
  NEXTAUTH_SECRET:
    'Signs sessions: at least 32 characters, the same for all web processes (`openssl rand -base64 32`). `npm start` makes one, except in production with a `DATABASE_URL`.',
  TRUSTED_PROXIES: 'How many of your proxies stand in front and append to `X-Forwarded-For`.',
  OIDC_ISSUER: 'Sign-in at an OpenID provider, beside the password: its address. All three of these or none.',
  OIDC_CLIENT_ID:
    'The client’s id at the provider. The redirect address to register there is `<NEXTAUTH_URL>/api/auth/callback/oidc`.',
  OIDC_CLIENT_SECRET: 'The client’s secret.',
  OIDC_NAME: 'The text on the button. Not set: single sign-on.',
  HTTP_REQUEST_SECRET:
    'Signs the requests of `http.request` jobs: at least 32 characters, the same for all workers. `npm start` makes one. `npm run http-secret` prints the secret of one service.',
  HTTP_REQUEST_ALLOW:
    'What `http.request` jobs and webhooks of alerts may call beside the public internet: names, addresses and ranges, with a port or without, as in `billing.internal, *.svc.local:8080, 10.1.0.0/16`. Not set: nothing.',
  SMTP_URL:
    'The mail server through which alerts are sent, as in `smtps://user:password@mail.example.com`. Together with `MAIL_FROM`, or neither.',
  MAIL_FROM: 'The sender of alerts, as in `Jobyard <jobyard@example.com>`.',
  STORAGE_DIR: 'The folder for artifacts and uploads, shared by all web and worker processes.',
  STORAGE_S3_BUCKET: 'Keeps artifacts and uploads in this bucket instead ([uploads](uploads.md#where-files-are-kept)).',
  STORAGE_S3_ENDPOINT: 'The address of an S3 service that is not Amazon’s.',
  STORAGE_S3_REGION: 'The region of the bucket.',
  STORAGE_S3_ACCESS_KEY_ID: 'The key of the bucket. Both halves, or neither: then it is found as the AWS SDK does.',
  STORAGE_S3_SECRET_ACCESS_KEY: 'The other half.',
  MAX_UPLOAD_BYTES: 'How many bytes the largest upload may have. The default is 1 GiB.',
  DRAIN_SECONDS: 'For how many seconds running jobs may go on at SIGTERM, before they are handed back.',
  ISOLATED_SLOTS: 'How many jobs a worker runs at once in threads of their own.',
  INLINE_SLOTS: 'How many jobs a worker runs at once in its own thread.',
  WORKER_POOLS: 'The worker pools whose jobs a worker takes, as in `reports,default`. Not set: every pool.',
  METRICS_TOKEN:
    'At least 16 characters, which Prometheus sends as `Authorization: Bearer …` ([metrics](operate/metrics-and-logs.md)). Not set: there are no metrics.',
  HEALTH_PORT: 'Where a worker answers `/live`, `/ready` and `/metrics`. Not set: nowhere.',
  OTEL_EXPORTER_OTLP_ENDPOINT:
    'The collector to which traces go by OTLP over HTTP, as in `http://collector:4318` ([tracing](operate/tracing.md)). Not set: there are no traces.',
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT:
    'The whole address for traces, where it is another than that with `/v1/traces` added, as in `http://collector:4318/v1/traces`.',
  LOG_LEVEL: 'How much is logged.',
  JOBYARD_EMBEDDED: '`npm start` sets it for its processes where PostgreSQL is its own. Leave it alone.',
}

/** Variables that only `npm start` and its neighbours read, before any process runs. */
export const LAUNCHER_WORDS: Record<string, string> = {
  JOBYARD_HANDLERS: 'The folder with handlers of your own ([handlers](handlers.md)). Not set: `handlers/`.',
  JOBYARD_STATE_DIR:
    'Where data, secrets and logs of `npm start` lie. From the environment only, not from `.env`. Not set: `.local/`.',
  JOBYARD_URL:
    'The Jobyard that the command line and `npm run try` call, as in `https://jobs.example.com` ([command line](operate/command-line.md)). Together with `JOBYARD_API_KEY`. Not set: the one that runs from this folder, or the database of `DATABASE_URL`.',
  JOBYARD_API_KEY: 'The API key with which they call it.',
}
