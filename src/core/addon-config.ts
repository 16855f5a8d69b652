import type { AddonService } from './addon-service.ts'
import { configBytes, MAX_CONFIG_BYTES } from './config-vars.ts'

/**
 * Why a provider may not give `vars` to an add-on of its `service`, to be said after the provider's name; undefined when
 * it may. Names vars, never values.
 */
export function refusalOfVars(
  service: AddonService,
  vars: Readonly<Record<string, unknown>>,
): string | undefined {
  const given: Record<string, string> = {}
  for (const [name, value] of Object.entries(vars)) {
    if (!service.configVars.includes(name)) {
      return `gave the config var ${shown(name)}, which its manifest does not declare. Declared are: ${listed(service.configVars)}.`
    }
    if (typeof value !== 'string')
      return `gave no string as the value of ${name}. Every value must be a string.`
    if (value.includes('\0')) {
      return `gave a NUL character in the value of ${name}, which no environment can hold.`
    }
    given[name] = value
  }
  const bytes = configBytes(given)
  if (bytes <= MAX_CONFIG_BYTES) return undefined
  return `gave config vars of ${bytes} bytes together (${listed(Object.keys(given))}); all names and values may take ${MAX_CONFIG_BYTES}.`
}

/** Declared vars that are not in `vars`. */
export function missingVars(service: AddonService, vars: Readonly<Record<string, unknown>>): string[] {
  return service.configVars.filter(name => !Object.hasOwn(vars, name))
}

/** A name that somebody else chose may be anything: it is quoted, and cut. */
function shown(name: string): string {
  return /^[A-Za-z_][A-Za-z0-9_]{0,127}$/.test(name) ? name : JSON.stringify(name.slice(0, 64))
}

function listed(names: readonly string[]): string {
  return names.length === 0 ? 'none' : names.join(', ')
}
