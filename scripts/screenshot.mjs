// `npm run screenshot`: the pictures of the README, from the Jobyard that `npm start` runs in this clone.
import { fail } from '../launcher/say.mjs'
import { takeScreenshots } from '../testing/screenshots.mjs'

try {
  await takeScreenshots()
} catch (error) {
  fail(error)
}
