// `npm run test:chaos`: see chaos/command.mjs.
import '../chaos/command.mjs'
