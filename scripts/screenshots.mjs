// `npm run screenshots`: pictures of every screen of the dashboard, light and dark, wide and on a phone, from the
// Jobyard that `npm start` runs in this clone.
import { fail } from '../launcher/say.mjs'
import { takeEveryScreenshot } from '../testing/every-screenshot.mjs'

try {
  await takeEveryScreenshot()
} catch (error) {
  fail(error)
}
