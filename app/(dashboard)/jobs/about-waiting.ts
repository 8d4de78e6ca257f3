import { WAITING_STATUSES } from '@/app/_components/job-status'
import { NO_QUESTION, type Question } from './filters'

/**
 * True where the figures of what waits belong beside the list: no filter is set, or only one job type, reasons to wait,
 * and statuses of waiting jobs.
 */
export function isAboutWaiting(question: Question): boolean {
  const { status, type } = question
  return (
    status.every((one) => (WAITING_STATUSES as readonly string[]).includes(one)) &&
    type.length < 2 &&
    type.every((name) => !name.endsWith('*')) &&
    Object.keys(NO_QUESTION).every((name) => {
      const key = name as keyof Question
      if (key === 'status' || key === 'type' || key === 'waitingFor') return true
      const value = question[key]
      return Array.isArray(value) ? value.length === 0 : value === NO_QUESTION[key]
    })
  )
}
