import type { inferRouterInputs, inferRouterOutputs } from '@trpc/server'
import type { AppRouter } from '@/server/api/root'

/** The shapes of the server's answers, taken from the router itself. Pages use no other definition of them. */
export type Outputs = inferRouterOutputs<AppRouter>
export type Inputs = inferRouterInputs<AppRouter>

export type Job = Outputs['jobs']['get']
/** A job in a list that was asked to say why jobs wait. */
export type ListedJob = Job & Pick<Outputs['jobs']['list']['items'][number], 'waiting'>
export type JobStatus = Job['status']
export type JobFilterInput = Exclude<Inputs['jobs']['count'], void>
export type SubmitJobInput = Inputs['jobs']['submit']
export type JobType = Outputs['jobTypes']['list']['items'][number]
export type JobTypeVersion = Outputs['jobTypes']['versions']['items'][number]
export type UpdateJobInput = Inputs['jobs']['update']
export type BulkAction = Outputs['bulk']['get']
export type BulkResult = Outputs['jobs']['cancelMany']
export type AdminRequest = Outputs['requests']['get']
/** What an admin is asked to do. */
export type AdminRequestInput = Inputs['requests']['create']
/** What a bulk action would do: the answer to `dryRun`. */
export type Forecast = Extract<BulkResult, { warnings: unknown }>
export type AlertRule = Outputs['alerts']['list']['items'][number]
export type AlertDelivery = Outputs['alerts']['deliveries']['items'][number]
export type AlertInput = Inputs['alerts']['create']
export type Schedule = Outputs['schedules']['list']['items'][number]
export type ScheduleDay = Outputs['schedules']['day']['items'][number]
export type ScheduleRun = Outputs['schedules']['runs']['items'][number]
export type ScheduleInput = Inputs['schedules']['create']
export type SavedView = Outputs['savedViews']['list']['items'][number]
export type Attempt = Outputs['jobs']['attempts']['items'][number]
export type LogLine = Outputs['jobs']['logs']['items'][number]
export type HistoryItem = Outputs['jobs']['history']['items'][number]
export type WaitingReason = Outputs['jobs']['explain']['reasons'][number]
export type Pause = Outputs['control']['list']['items'][number]
export type Member = Outputs['members']['list']['items'][number]
export type ApiKey = Outputs['apiKeys']['list']['items'][number]
export type OrganizationSettings = Outputs['organizations']['get']
export type LimitUsage = Outputs['organizations']['usage']['maxUnfinished']
export type AuditEntry = Outputs['audit']['get']
export type PlatformRow = Outputs['metrics']['platform']['items'][number]
export type Me = Outputs['session']['me']
export type OwnAccount = Outputs['account']['get']
export type Overview = Outputs['metrics']['overview']
export type TypeMetrics = Outputs['metrics']['byType']['items'][number]
export type FailingCause = Outputs['metrics']['failing']['items'][number]
export type WaitingSummary = Outputs['metrics']['waiting']
export type WaitingItem = WaitingSummary['items'][number]
export type DeadLetterGroup = Outputs['deadLetters']['groups']['items'][number]
export type Worker = Outputs['metrics']['workers']['items'][number]
export type RunningJob = Worker['running'][number]
export type Fleet = Outputs['metrics']['fleet']
export type Circuit = Outputs['circuits']['list']['items'][number]
export type ChartMark = Outputs['metrics']['marks']['items'][number]
export type Timeseries = Outputs['metrics']['timeseries']

/** The messages of `jobs.watch` as pages receive them. The tRPC client has already unwrapped each event. */
type Sent<Stream> = Stream extends AsyncIterable<infer Message> ? Message : never
type WatchMessage = Sent<Outputs['jobs']['watch']>
/**
 * An event of `jobs.watch`. The type `reset` means that the stream could not go on from the asked place and begins anew
 * at the place of this event. So everything that is shown must be read again.
 */
export type WatchEvent = WatchMessage['data']
