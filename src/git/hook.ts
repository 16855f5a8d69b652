/**
 * The pre-receive hook. It inherits two pipes from the server: 3 takes the refs up and brings the verdict back, 4
 * brings what the person pushing is to read. If the server dies, both close, and the push is refused.
 */
export const HOOK = `#!/bin/sh
cat >&3
printf 'objects %s\\nalternates %s\\nend\\n' "$GIT_OBJECT_DIRECTORY" "$GIT_ALTERNATE_OBJECT_DIRECTORIES" >&3
cat <&4
read -r verdict <&3 || verdict=1
exit "$verdict"
`

export interface PushedRef {
  before: string
  /** All zeros when the ref is deleted. */
  after: string
  ref: string
}

export interface PushedRefs {
  refs: readonly PushedRef[]
  /** Where git keeps the new objects until the push is accepted: variables for git commands that must see them. */
  environment: Readonly<Record<string, string>>
}

const END = /(?:^|\n)objects (.*)\nalternates (.*)\nend\n$/

/** Reads what the hook sent; undefined until it is whole. */
export function parseHandover(text: string): PushedRefs | undefined {
  const end = END.exec(text)
  if (!end) return undefined
  const [, objects = '', alternates = ''] = end
  const refs = text
    .slice(0, end.index)
    .split('\n')
    .flatMap(line => {
      const [before, after, ...ref] = line.split(' ')
      return before && after && ref.length > 0 ? [{ before, after, ref: ref.join(' ') }] : []
    })
  return {
    refs,
    environment: {
      ...(objects !== '' && { GIT_OBJECT_DIRECTORY: objects }),
      ...(alternates !== '' && { GIT_ALTERNATE_OBJECT_DIRECTORIES: alternates }),
    },
  }
}
