/** What a dyno prints first, as the process that its command becomes: from then on it hears signals. It is no line of the program's. */
export const IN_PLACE = 'tidemark: in place'

/**
 * The first process of a dyno; `$1` is the command. The kernel ends all others with it, so it stays until the command
 * is over, and after SIGTERM, which it hands to every process, until none is left. The command has a job of its own:
 * without one bash would have it ignore SIGINT. Jobs are over before the wait: in bash 5.2 `wait -f`, broken off by a
 * signal as the job ends, at times never returns. Its environment is prepared as buildpacks expect.
 */
export const INIT = `
__stopping='' __again=1
trap '__stopping=1 __again=1; kill -TERM -- -1' TERM
set -m
(
  set +m
  printf '%s\\n' '${IN_PLACE}'
  exec 2>&1
  unset __stopping __again
  for __file in "$HOME"/.profile.d/*.sh; do [ -r "$__file" ] && . "$__file"; done
  [ -r "$HOME/.profile" ] && . "$HOME/.profile"
  unset __file
  exec bash -c "$1"
) &
set +m
exec >/dev/null 2>&1
while [ -n "$__again" ]; do
  __again=''
  wait "$!"
  __status=$?
done
while [ -n "$__stopping" ] && kill -0 -- -1; do sleep 0.02; done
exit "$__status"
`

/** The same for an image that brings a shell of its own, which may be any: without a job of its own, nor a profile. */
export const PLAIN_INIT = `
__stopping='' __again=1
trap '__stopping=1 __again=1; kill -TERM -1' TERM
( trap - TERM; printf '%s\\n' '${IN_PLACE}'; exec 2>&1; unset __stopping __again; exec /bin/sh -c "$1" ) &
__command=$!
exec >/dev/null 2>&1
while [ -n "$__again" ]; do
  __again=''
  wait "$__command"
  __status=$?
done
while [ -n "$__stopping" ] && kill -0 -1; do sleep 0.02 || sleep 1; done
exit "$__status"
`
