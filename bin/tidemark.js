#!/usr/bin/env node
// Plain JavaScript that any Node.js can read, so that an old one gets a sentence and not a syntax error.
var major = Number(process.versions.node.split('.')[0])
if (major < 24) {
  console.error(
    'tidemark: needs Node.js 24 or newer; this is ' +
      process.version +
      '. Install a newer Node.js and try again.',
  )
  process.exit(1)
} else {
  import('node:module').then(async node => {
    node.enableCompileCache()
    const fs = await import('node:fs')
    const source = new URL('../src/cli/main.ts', import.meta.url)
    // In a checkout the sources run as they are; a published package carries only the compiled ones.
    await import(fs.existsSync(source) ? source.href : new URL('../dist/cli/main.js', import.meta.url).href)
  })
}
