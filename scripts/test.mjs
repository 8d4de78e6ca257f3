// `npm test`, and one suite of it: see testing/main.mjs.
import '../testing/main.mjs'
