import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createEvents, type Follower, type Surroundings } from './event-stream'
import { somePage } from './page-view.fixture'
import type { StreamSlots } from './stream-slots'
import type { WatchEvent } from './types'

type Open = Parameters<Surroundings['open']>
interface Connection {
  input: Open[0]
  handlers: Open[1]
  open: boolean
}

/** Longer than FLUSH_MS (150 ms), so that events that wait are passed on. */
const FLUSHED_MS = 200
/** Longer than RETRY_MS (5 s), so that a broken stream is opened again. */
const RETRIED_MS = 6_000
/** Longer than every interval of a stream. */
const LONG_MS = 60_000

const event = (id: string, jobId: string | null, type: WatchEvent['type'] = 'status'): WatchEvent => ({
  id,
  type,
  jobId,
  fromStatus: null,
  toStatus: null,
  attempt: null,
  progress: null,
  progressMessage: null,
  at: '2026-11-29T10:00:00.000Z',
})

/** A browser in which so many more tabs may open a stream (stream-slots.ts). */
function someSlots(free: number) {
  const waiting: (() => void)[] = []
  const wanted = new Set<() => void>()
  const slots: StreamSlots = {
    ask(onGiven, onNone) {
      let has = free > 0
      const give = () => {
        has = true
        free--
        onGiven()
      }
      if (has) give()
      else {
        waiting.push(give)
        onNone()
      }
      return () => {
        if (has) free++
        else waiting.splice(waiting.indexOf(give), 1)
      }
    },
    onWanted: (listener) => (wanted.add(listener), () => void wanted.delete(listener)),
  }
  return {
    slots,
    /** Gives a slot to the tab that has waited longest. */
    next: () => waiting.shift()?.(),
    /** Another tab asks for a slot. */
    want: () => wanted.forEach((one) => one()),
    free: () => free,
  }
}

/** A browser tab whose server is this test. The test sees each connection and decides what it sends. */
function someTab({ slots = someSlots(9).slots, place }: { slots?: StreamSlots; place?: string } = {}) {
  let began = place
  const connections: Connection[] = []
  const states: string[] = []
  const page = somePage()
  let refused = 0
  let broken = 0
  const events = createEvents({
    open(input, handlers) {
      const connection = { input, handlers, open: true }
      connections.push(connection)
      return { unsubscribe: () => (connection.open = false) }
    },
    page,
    placeOfPage: () => began,
    mayShowEarlyAnswers: () => began !== undefined,
    slots,
    onState: (state) => states.push(state),
    onBroken: () => broken++,
    onRefused: () => refused++,
  })
  return {
    events,
    connections,
    states,
    page,
    refused: () => refused,
    broken: () => broken,
    last: () => connections.at(-1)!,
    /** The page grows so old that it has no place from which a stream could go on, and shows no early answers. */
    grows: () => (began = undefined),
  }
}

function someFollower(target: Follower['target']) {
  const heard: string[] = []
  /**
   * One entry for each time the follower is told that it may have missed events. True: the stream was open already, so
   * a read that has begun is enough. False: it must read again.
   */
  const gaps: boolean[] = []
  const follower: Follower = {
    target,
    onEvents: (events) => heard.push(...events.map(({ id }) => id)),
    onGap: (underWay) => gaps.push(underWay),
  }
  return { follower, heard, gaps }
}

/** The server takes the connection. Where it goes on from no event, it says first where it begins. */
function starts({ input, handlers }: Connection) {
  handlers.onStarted()
  if (input.lastEventId === 'start') handlers.onData({ data: event('0', null, 'reset') })
}

/**
 * The server refuses the connection. It has said before that the stream starts, because it checks nothing until then.
 */
function refuses({ handlers }: Connection, error: Error) {
  handlers.onStarted()
  handlers.onError(error)
}

const signedOut = () =>
  Object.assign(new Error('Sign in.'), { data: { code: 'UNAUTHORIZED', reason: 'UNAUTHENTICATED' } })

beforeEach(() => vi.useFakeTimers())
afterEach(() => vi.useRealTimers())

test('all parts of a page share one connection, and a part about one job hears of that job only', () => {
  const tab = someTab()
  const all = someFollower({ organizationId: 'o' })
  const one = someFollower({ organizationId: 'o', jobId: 'j1' })
  tab.events.follow(all.follower)
  tab.events.follow(one.follower)
  expect(tab.connections.filter(({ open }) => open)).toHaveLength(1)
  expect(tab.last().input).toEqual({ organizationId: 'o', lastEventId: 'start' })
  starts(tab.last())
  tab.last().handlers.onData({ data: event('1', 'j1') })
  tab.last().handlers.onData({ data: event('2', 'j2') })
  vi.advanceTimersByTime(FLUSHED_MS)
  expect(all.heard).toEqual(['1', '2'])
  expect(one.heard).toEqual(['1'])
})

test('a page about one job follows that job, and goes on from its last event when another part wants all jobs', () => {
  const tab = someTab()
  const one = someFollower({ organizationId: 'o', jobId: 'j1' })
  tab.events.follow(one.follower)
  expect(tab.last().input).toEqual({ organizationId: 'o', jobId: 'j1', lastEventId: 'start' })
  starts(tab.last())
  tab.last().handlers.onData({ data: event('7', 'j1') })
  const all = someFollower({ organizationId: 'o' })
  tab.events.follow(all.follower)
  expect(tab.connections.map(({ open }) => open)).toEqual([false, true])
  expect(tab.last().input).toEqual({ organizationId: 'o', lastEventId: '7' })
  starts(tab.last())
  expect(one.heard, 'the event that waited to be passed on is not lost').toEqual(['7'])
  expect(one.gaps, 'it was told to read again when its stream began, and not a second time').toEqual([false])
  expect(all.gaps).toEqual([false])
})

test('the next page takes over the connection of the page before, and a connection without followers ends', () => {
  const tab = someTab()
  const leave = tab.events.follow(someFollower({ organizationId: 'o' }).follower)
  starts(tab.last())
  leave()
  const next = someFollower({ organizationId: 'o' })
  const leaveNext = tab.events.follow(next.follower)
  vi.advanceTimersByTime(LONG_MS)
  expect(tab.connections.map(({ open }) => open)).toEqual([true])
  expect(next.gaps, 'the stream was open before, so a read that has begun misses nothing').toEqual([true])
  leaveNext()
  vi.advanceTimersByTime(LONG_MS)
  expect(tab.connections.map(({ open }) => open)).toEqual([false])
  expect(tab.states.at(-1)).toBe('off')
})

test('a hidden tab closes its connection, and goes on from its last event when it is shown again', () => {
  const tab = someTab()
  const { follower, gaps } = someFollower({ organizationId: 'o' })
  tab.events.follow(follower)
  starts(tab.last())
  tab.last().handlers.onData({ data: event('3', 'j') })
  tab.page.set(true)
  vi.advanceTimersByTime(LONG_MS)
  expect(tab.last().open).toBe(false)
  expect(tab.states.at(-1)).toBe('paused')
  tab.page.set(false)
  expect(tab.connections).toHaveLength(2)
  expect(tab.last().input).toEqual({ organizationId: 'o', lastEventId: '3' })
  starts(tab.last())
  expect(gaps, 'nothing was missed').toEqual([false])
})

test('after a reset, everything that is shown is read again', () => {
  const tab = someTab()
  const { follower, heard, gaps } = someFollower({ organizationId: 'o' })
  tab.events.follow(follower)
  starts(tab.last())
  tab.last().handlers.onData({ data: event('9', null, 'reset') })
  vi.advanceTimersByTime(FLUSHED_MS)
  expect(heard).toEqual([])
  expect(gaps).toEqual([false, false])
})

test.each(['a new page', 'a page that has heard of an event', 'a page that has heard of none'])(
  'the stream of %s that is refused as signed out is tried once more, and then no longer',
  (which) => {
    const tab = someTab(which === 'a new page' ? { place: 'p' } : {})
    tab.events.follow(someFollower({ organizationId: 'o' }).follower)
    if (which === 'a page that has heard of an event') {
      starts(tab.last())
      tab.last().handlers.onData({ data: event('5', 'j') })
    }
    refuses(tab.last(), signedOut())
    expect(tab.connections, 'the browser may hold a newer cookie by now').toHaveLength(2)
    refuses(tab.last(), signedOut())
    vi.advanceTimersByTime(LONG_MS)
    expect(tab.connections).toHaveLength(2)
    expect(tab.refused()).toBe(1)
    expect(tab.states.at(-1)).toBe('off')
  },
)

test('a stream that is refused as signed out an hour after the last time is tried once more again', () => {
  const tab = someTab()
  tab.events.follow(someFollower({ organizationId: 'o' }).follower)
  refuses(tab.last(), signedOut())
  starts(tab.last())
  vi.advanceTimersByTime(3_600_000)
  refuses(tab.last(), signedOut())
  expect(tab.connections).toHaveLength(3)
  expect(tab.refused()).toBe(0)
})

test('a person who signs in again gets the events that came after the last one they saw', () => {
  const tab = someTab()
  tab.events.follow(someFollower({ organizationId: 'o' }).follower)
  starts(tab.last())
  tab.last().handlers.onData({ data: event('5', 'j') })
  refuses(tab.last(), signedOut())
  refuses(tab.last(), signedOut())
  tab.events.resume()
  expect(tab.connections).toHaveLength(3)
  expect(tab.last().input).toEqual({ organizationId: 'o', lastEventId: '5' })
  starts(tab.last())
  expect(tab.states.at(-1)).toBe('live')
})

test('a broken connection is reported, and a connection that is only being made is not', () => {
  const tab = someTab()
  tab.events.follow(someFollower({ organizationId: 'o' }).follower)
  tab.last().handlers.onConnectionStateChange({ state: 'connecting' })
  expect(tab.broken()).toBe(0)
  tab.last().handlers.onConnectionStateChange({ state: 'connecting', error: new Error('gone') })
  expect(tab.broken()).toBe(1)
})

test('a broken stream is opened again', () => {
  const tab = someTab()
  tab.events.follow(someFollower({ organizationId: 'o' }).follower)
  tab.last().handlers.onError(new Error('broken'))
  expect(tab.states.at(-1)).toBe('connecting')
  vi.advanceTimersByTime(LONG_MS)
  expect(tab.connections).toHaveLength(2)
})

test('a stream that breaks between two pages stays with the next page', () => {
  const tab = someTab()
  const leave = tab.events.follow(someFollower({ organizationId: 'o' }).follower)
  starts(tab.last())
  leave()
  tab.last().handlers.onError(new Error('the server stops'))
  const next = someFollower({ organizationId: 'o' })
  tab.events.follow(next.follower)
  vi.advanceTimersByTime(RETRIED_MS)
  expect(tab.last().open).toBe(true)
  starts(tab.last())
  tab.last().handlers.onData({ data: event('5', 'j') })
  vi.advanceTimersByTime(FLUSHED_MS)
  expect(next.heard).toEqual(['5'])
})

test('a stream that breaks after the last page has left it is not opened again', () => {
  const tab = someTab()
  const leave = tab.events.follow(someFollower({ organizationId: 'o' }).follower)
  starts(tab.last())
  leave()
  tab.last().handlers.onError(new Error('the server stops'))
  vi.advanceTimersByTime(LONG_MS)
  expect(tab.connections).toHaveLength(1)
  expect(tab.states.at(-1)).toBe('off')
  expect(vi.getTimerCount()).toBe(0)
})

test('a tab for which the browser has no free connection reads at intervals, and becomes live when it gets one', () => {
  const browser = someSlots(0)
  const tab = someTab(browser)
  const { follower, gaps } = someFollower({ organizationId: 'o' })
  tab.events.follow(follower)
  expect(tab.connections).toHaveLength(0)
  expect(tab.states.at(-1)).toBe('delayed')
  // READ_AGAIN_MS is 10 s, so it has read twice.
  vi.advanceTimersByTime(21_000)
  expect(gaps).toEqual([false, false])
  browser.next()
  starts(tab.last())
  expect(tab.states.at(-1)).toBe('live')
  vi.advanceTimersByTime(LONG_MS)
  expect(gaps, 'after that, events come by the stream, so it no longer reads at intervals').toHaveLength(3)
})

test('a hidden tab gives up its connection as soon as another tab wants one, and a visible tab keeps it', () => {
  const browser = someSlots(1)
  const tab = someTab(browser)
  tab.events.follow(someFollower({ organizationId: 'o' }).follower)
  browser.want()
  expect(tab.last().open).toBe(true)
  tab.page.set(true)
  browser.want()
  expect(tab.last().open).toBe(false)
  expect(browser.free()).toBe(1)
  tab.page.set(false)
  expect(tab.last().open).toBe(true)
})

test('a person with too many streams reads at intervals, and asks for a stream again each time', () => {
  const browser = someSlots(1)
  const tab = someTab(browser)
  const { follower, gaps } = someFollower({ organizationId: 'o' })
  tab.events.follow(follower)
  refuses(
    tab.last(),
    Object.assign(new Error('Too many.'), { data: { code: 'TOO_MANY_REQUESTS', reason: 'RATE_LIMITED' } }),
  )
  expect(tab.states.at(-1)).toBe('delayed')
  expect(browser.free(), 'another tab may try').toBe(1)
  // READ_AGAIN_MS is 10 s, so it has read once.
  vi.advanceTimersByTime(10_500)
  expect(gaps).toEqual([false])
  expect(tab.connections).toHaveLength(2)
  expect(tab.states.at(-1)).toBe('delayed')
  starts(tab.last())
  expect(tab.states.at(-1)).toBe('live')
})

test('a follower reads again when its stream broke before the server said where it begins', () => {
  const tab = someTab()
  const { follower, gaps } = someFollower({ organizationId: 'o' })
  tab.events.follow(follower)
  tab.last().handlers.onStarted()
  expect(gaps, 'nobody knows yet from where on events come').toEqual([])
  tab.last().handlers.onConnectionStateChange({ state: 'connecting', error: new Error('cut') })
  starts(tab.last())
  expect(gaps).toEqual([false])
})

test('a stream that broke before its first event goes on from its beginning, and a follower that came meanwhile reads again', () => {
  const tab = someTab()
  const [early, late] = [someFollower({ organizationId: 'o' }), someFollower({ organizationId: 'o' })]
  tab.events.follow(early.follower)
  starts(tab.last())
  tab.last().handlers.onConnectionStateChange({ state: 'connecting', error: new Error('cut') })
  tab.events.follow(late.follower)
  expect(late.gaps, 'while the stream is broken, a read could miss something').toEqual([])
  // The link goes on from the last event that it has seen, which is the reset.
  tab.last().handlers.onStarted()
  expect([early.gaps, late.gaps]).toEqual([[false], [false]])

  tab.last().handlers.onError(new Error('the server stops'))
  vi.advanceTimersByTime(RETRIED_MS)
  expect(tab.last().input).toEqual({ organizationId: 'o', lastEventId: '0' })
})

test('a stream goes on from where the page began, so nobody reads a second time', () => {
  const tab = someTab({ place: 'p' })
  const [one, all] = [someFollower({ organizationId: 'o', jobId: 'j' }), someFollower({ organizationId: 'o' })]
  tab.events.follow(one.follower)
  tab.events.follow(all.follower)
  expect(tab.last().input).toEqual({ organizationId: 'o', lastEventId: 'p' })
  starts(tab.last())
  expect(tab.states.at(-1)).toBe('live')
  expect([one.gaps, all.gaps]).toEqual([[], []])
  tab.last().handlers.onData({ data: event('1', 'j') })
  vi.advanceTimersByTime(FLUSHED_MS)
  expect([one.heard, all.heard], 'what happened since the page began is passed on').toEqual([['1'], ['1']])
})

test('on a new page a part that comes after the first events reads again, because an early answer may be older', () => {
  const tab = someTab({ place: 'p' })
  tab.events.follow(someFollower({ organizationId: 'o' }).follower)
  starts(tab.last())
  const before = someFollower({ organizationId: 'o' })
  tab.events.follow(before.follower)
  expect(before.gaps, 'nothing has happened').toEqual([true])
  tab.last().handlers.onData({ data: event('1', 'j') })
  const after = someFollower({ organizationId: 'o' })
  tab.events.follow(after.follower)
  expect(after.gaps).toEqual([false])
  tab.grows()
  const muchLater = someFollower({ organizationId: 'o' })
  tab.events.follow(muchLater.follower)
  expect(muchLater.gaps, 'early answers are no longer used').toEqual([true])
})

test('a follower reads again when the server does not know the place where the page began', () => {
  const tab = someTab({ place: 'p' })
  const { follower, gaps } = someFollower({ organizationId: 'o' })
  tab.events.follow(follower)
  starts(tab.last())
  tab.last().handlers.onData({ data: event('9', null, 'reset') })
  vi.advanceTimersByTime(FLUSHED_MS)
  expect(gaps).toEqual([false])
})

test('a follower reads again when its stream broke without an event, and the page has grown old meanwhile', () => {
  const tab = someTab({ place: 'p' })
  const { follower, gaps } = someFollower({ organizationId: 'o' })
  tab.events.follow(follower)
  starts(tab.last())
  tab.last().handlers.onError(new Error('the server stops'))
  tab.grows()
  vi.advanceTimersByTime(RETRIED_MS)
  expect(tab.last().input).toEqual({ organizationId: 'o', lastEventId: 'start' })
  starts(tab.last())
  expect(gaps).toEqual([false])
})
