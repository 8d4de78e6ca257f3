// The checking thread where nothing is bundled (`npm run dev`, tests): the same code, read as TypeScript. It is CommonJS
// for the reason that `loadsInThread` in launcher/build.mjs tells.
module.exports = (async () => {
  const { register } = await import('tsx/esm/api')
  register()
  const { default: check } = await import('./thread.ts')
  return check
})()
