// Serves a directory of files on $PORT. static.json may say { "root": "dist", "error_page": "404.html", "clean_urls": true }.
import { createHash } from 'node:crypto'
import { createReadStream, existsSync, readFileSync, realpathSync } from 'node:fs'
import { readFile, realpath, stat } from 'node:fs/promises'
import { createServer } from 'node:http'
import { extname, join, sep } from 'node:path'
import { pipeline } from 'node:stream/promises'

const settings = existsSync('static.json') ? JSON.parse(readFileSync('static.json', 'utf8')) : {}
const root = realpathSync(
  settings.root ?? ['public', 'dist'].find(name => existsSync(join(name, 'index.html'))) ?? '.',
)

/** Files of the deployment itself, when the site is the whole repository. */
const PRIVATE = new Set(['Procfile', 'static.json'])
const TYPES = {
  '.css': 'text/css; charset=utf-8',
  '.gif': 'image/gif',
  '.html': 'text/html; charset=utf-8',
  '.ico': 'image/x-icon',
  '.jpeg': 'image/jpeg',
  '.jpg': 'image/jpeg',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json',
  '.map': 'application/json',
  '.mjs': 'text/javascript; charset=utf-8',
  '.mp4': 'video/mp4',
  '.pdf': 'application/pdf',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain; charset=utf-8',
  '.wasm': 'application/wasm',
  '.webp': 'image/webp',
  '.woff': 'font/woff',
  '.woff2': 'font/woff2',
  '.xml': 'application/xml',
}
/** Content does not change while the server runs, so each file is hashed once. */
const tags = new Map()

const server = createServer((request, response) => {
  answer(request, response).catch(() => {
    if (response.headersSent) response.destroy()
    else response.writeHead(500).end('Internal server error\n')
  })
})
server.listen(Number(process.env.PORT), () => console.log(`Serving ${root} on port ${process.env.PORT}`))
process.on('SIGTERM', () => {
  server.close(() => process.exit(0))
  server.closeIdleConnections()
})

async function answer(request, response) {
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    return response.writeHead(405, { Allow: 'GET, HEAD' }).end('Method not allowed\n')
  }
  const url = new URL(request.url, 'http://site')
  const found = await find(url.pathname)
  if (found?.redirect) return response.writeHead(301, { Location: found.redirect + url.search }).end()
  if (found) return send(request, response, { ...found, status: 200 })
  const page = settings.error_page ? await find(`/${settings.error_page}`) : undefined
  if (page?.file) return send(request, response, { ...page, status: 404 })
  response.writeHead(404, { 'Content-Type': 'text/html; charset=utf-8' })
  response.end(
    request.method === 'HEAD' ? undefined : '<!doctype html><title>Not found</title><h1>Not found</h1>\n',
  )
}

/** The file for a path of a URL, or where the client should look instead. */
async function find(pathname) {
  const path = decoded(pathname)
  const parts = path?.split('/').filter(part => part !== '')
  if (!parts || parts.some(part => part.startsWith('.') && part !== '.well-known') || PRIVATE.has(parts[0]))
    return undefined
  const direct = await inside(parts.join('/'))
  if (direct?.stats.isFile()) return { file: direct.file, size: direct.stats.size }
  if (direct?.stats.isDirectory()) {
    const index = await inside([...parts, 'index.html'].join('/'))
    if (!index?.stats.isFile()) return undefined
    // The slash first: links on the page are relative to it. One slash only, or it would name another host.
    return path.endsWith('/')
      ? { file: index.file, size: index.stats.size }
      : { redirect: `/${parts.map(encodeURIComponent).join('/')}/` }
  }
  if (!settings.clean_urls || parts.length === 0) return undefined
  const page = await inside(`${parts.join('/')}.html`)
  return page?.stats.isFile() ? { file: page.file, size: page.stats.size } : undefined
}

function decoded(pathname) {
  try {
    const path = decodeURIComponent(pathname)
    return path.includes('\0') ? undefined : path
  } catch {
    return undefined
  }
}

/** Where links lead is what counts: nothing outside the root is served. */
async function inside(path) {
  try {
    const file = await realpath(join(root, path))
    return file === root || file.startsWith(root + sep) ? { file, stats: await stat(file) } : undefined
  } catch {
    return undefined
  }
}

async function send(request, response, { file, size, status }) {
  const tag =
    tags.get(file) ??
    `"${createHash('sha256')
      .update(await readFile(file))
      .digest('base64url')
      .slice(0, 27)}"`
  tags.set(file, tag)
  const headers = {
    ETag: tag,
    'Cache-Control': 'public, max-age=0, must-revalidate',
    'X-Content-Type-Options': 'nosniff',
  }
  if (
    status === 200 &&
    request.headers['if-none-match']
      ?.split(/,\s*/)
      .some(known => known === '*' || known.replace(/^W\//, '') === tag)
  ) {
    return response.writeHead(304, headers).end()
  }
  response.writeHead(status, {
    ...headers,
    'Content-Type': TYPES[extname(file).toLowerCase()] ?? 'application/octet-stream',
    'Content-Length': size,
  })
  if (request.method === 'HEAD') return response.end()
  await pipeline(createReadStream(file), response)
}
