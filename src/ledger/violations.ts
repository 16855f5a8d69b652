import { conflict, invalid } from '../core/errors.ts'

/** What a rule of the database says to a person; the rule is found by a word of the database's own message. */
const SENTENCES: readonly { rule: RegExp; error: () => Error }[] = [
  {
    rule: /one_app_of_a_name|UNIQUE.*apps\.name/i,
    error: () => invalid('Name is already taken. Choose another one.'),
  },
  {
    rule: /one_addon_of_a_name|UNIQUE.*addons\.name/i,
    error: () => invalid('An add-on of this name exists already. Choose another name.'),
  },
  {
    rule: /accounts_email|UNIQUE.*accounts\.email/i,
    error: () => invalid('An account with this e-mail address exists already.'),
  },
  {
    rule: /one_current_release|one_rollout_at_a_time|one_running_build|one_release_of_a_request|releases_app_id_version|UNIQUE.*(releases|builds)\./i,
    error: () =>
      conflict(
        'Somebody else changed this app at the same moment. Nothing was done; look at it and try again.',
      ),
  },
  {
    // Of PostgreSQL alone.
    rule: /invalid byte sequence for encoding|unsupported Unicode escape sequence/,
    error: () => invalid('A text contains a NUL character, which cannot be kept. Leave it out.'),
  },
]

/** The error for whoever asked, when it was a rule of the database that refused; else the error as it is. */
export function readable(error: unknown): unknown {
  const text =
    error instanceof Error ? `${error.message} ${'constraint' in error ? error.constraint : ''}` : ''
  return SENTENCES.find(({ rule }) => rule.test(text))?.error() ?? error
}
