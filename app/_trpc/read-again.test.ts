import { QueryClient, QueryObserver } from '@tanstack/react-query'
import { expect, test, vi } from 'vitest'
import { createReadAgain } from './read-again'

/** A part of a page that shows a query. The test answers each read. */
function somePart() {
  const reads: { answer: (data: string) => void; fail: () => void }[] = []
  const about = (question: string) => ({
    queryKey: [question],
    queryFn: () =>
      new Promise<string>((resolve, reject) =>
        reads.push({ answer: resolve, fail: () => reject(new Error('The statement failed.')) }),
      ),
    retry: false,
  })
  const observer = new QueryObserver<string>(new QueryClient(), about('figures'))
  const drawn: string[] = []
  observer.subscribe(({ data, error }) => void drawn.push(error ? 'error' : (data ?? 'grey')))
  const readAgain = createReadAgain()
  const read = (underWay = false) => readAgain(observer.getCurrentResult(), underWay)
  return { reads, drawn, read, ask: (question: string) => observer.setOptions(about(question)) }
}
/** Lets all that is due happen. TanStack Query tells its observers in a timer. */
const settled = () => new Promise((resolve) => setTimeout(resolve, 20))

test('events during a slow first read lead to one further read, however many they are', async () => {
  const { reads, drawn, read } = somePart()
  read()
  read()
  read()
  expect(reads).toHaveLength(1)
  reads[0]!.answer('old')
  await settled()
  expect(reads).toHaveLength(2)
  reads[1]!.answer('new')
  await settled()
  expect(reads).toHaveLength(2)
  expect(drawn.at(-1)).toBe('new')
})

test('an event during the first read of a second question leads to a further read of it, although one was due for the first', async () => {
  const { reads, drawn, read, ask } = somePart()
  read()
  ask('other figures')
  read()
  expect(reads).toHaveLength(2)
  reads[0]!.answer('of the first question')
  await settled()
  reads[1]!.answer('old')
  await settled()
  expect(reads).toHaveLength(3)
  reads[2]!.answer('new')
  await settled()
  expect(drawn.at(-1)).toBe('new')
})

test('a first read that fails while events come shows its error, and is not repeated for them', async () => {
  const { reads, drawn, read } = somePart()
  read()
  reads[0]!.fail()
  await settled()
  expect(drawn.at(-1)).toBe('error')
  expect(reads).toHaveLength(1)
})

test('an event during a later read begins it anew, and a read that is known to be late enough goes on', async () => {
  const { reads, drawn, read } = somePart()
  reads[0]!.answer('first')
  await settled()
  read()
  read(true)
  expect(reads).toHaveLength(2)
  read()
  expect(reads).toHaveLength(3)
  reads[1]!.answer('old')
  reads[2]!.answer('new')
  await vi.waitFor(() => expect(drawn.at(-1)).toBe('new'))
  expect(drawn).not.toContain('old')
})
