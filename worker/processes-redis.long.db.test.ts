import { describe } from 'vitest'
import { testWorkerProcesses } from './processes.fixture'

describe('workers with BullMQ on Redis', () => testWorkerProcesses('redis'))
