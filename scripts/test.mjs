// `npm test`: everything that shows whether Jobyard is right. `npm run test:db transition`: the files of one suite
// whose path holds this word. `npm run test:long`: the suites that take too long for that.
import { runTests } from '../testing/main.mjs'

await runTests(process.argv.slice(2))
