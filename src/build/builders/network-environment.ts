const NAMES =
  /^(https?_proxy|no_proxy|all_proxy|node_extra_ca_certs|ssl_cert_file|ssl_cert_dir|npm_config_(registry|cafile))$/i

/** What of the server's environment builds need to reach registries: proxies and certificates, nothing else. */
export function networkEnvironment(
  environment: Readonly<Record<string, string | undefined>>,
): Record<string, string> {
  const kept: Record<string, string> = {}
  for (const [name, value] of Object.entries(environment)) {
    if (value !== undefined && NAMES.test(name)) kept[name] = value
  }
  return kept
}
