// `npm run screenshots`: every page of the navigation, light and dark, wide and on a phone.
import { fail } from '../launcher/say.mjs'
import { takeEveryScreenshot } from '../testing/every-screenshot.mjs'

try {
  await takeEveryScreenshot()
} catch (error) {
  fail(error)
}
