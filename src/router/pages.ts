import type { ServerResponse } from 'node:http'

/** What a person sees in place of an app. */
interface Page {
  title: string
  text: string
}

const APPLICATION_ERROR: Page = {
  title: 'Application error',
  text: 'An error occurred in the application and your page could not be served. If you are its owner, look at its logs: tidemark logs --tail',
}

const PAGES: Readonly<Record<string, Page>> = {
  H26: { title: 'Bad request', text: 'The router could not understand this request.' },
  H80: {
    title: 'Offline for maintenance',
    text: 'This application is undergoing maintenance. Please come back soon.',
  },
  H81: {
    title: 'Nothing deployed yet',
    text: 'This application has no code yet. Push some: git push tidemark main',
  },
}

const NO_SUCH_APP: Page = {
  title: 'There is nothing here, yet',
  text: 'No application answers to this name.',
}

/** Answers with an error page. Resolves nothing: the response is complete when this returns. */
export function sendErrorPage(response: ServerResponse, status: number, code: string): void {
  sendPage(response, status, { ...(PAGES[code] ?? APPLICATION_ERROR), code })
}

export function sendNoSuchApp(response: ServerResponse): void {
  sendPage(response, 404, NO_SUCH_APP)
}

function sendPage(response: ServerResponse, status: number, page: Page & { code?: string }): void {
  const html = render(page)
  response.writeHead(status, {
    'Content-Type': 'text/html; charset=utf-8',
    'Content-Length': Buffer.byteLength(html),
    'Cache-Control': 'no-cache, no-store',
  })
  response.end(html)
}

function render({ title, text, code }: Page & { code?: string }): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<style>
body { font: 16px/1.5 system-ui, sans-serif; color: #1d2b36; background: #f4f7f9; margin: 0; }
main { max-width: 34rem; margin: 18vh auto 0; padding: 0 1.5rem; }
h1 { font-size: 1.5rem; }
small { color: #5b6b77; }
</style>
</head>
<body>
<main>
<h1>${title}</h1>
<p>${text}</p>${code ? `\n<small>${code}</small>` : ''}
</main>
</body>
</html>
`
}
