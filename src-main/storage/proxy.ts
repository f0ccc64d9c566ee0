/** undefined where the text is no address; URL.canParse, which says so, is not in every Node that HetCut runs on. */
export function parseUrl(text: string): URL | undefined {
  try {
    return new URL(text);
  } catch {
    return undefined;
  }
}

/** Whether NO_PROXY names the host: itself, a domain above it, or `*`. */
function goesDirectly(host: string, list: string): boolean {
  return list
    .split(',')
    .map((entry) =>
      entry
        .trim()
        .replace(/^\*?\./, '')
        .replace(/:\d+$/, '')
        .toLowerCase(),
    )
    .some((entry) => entry !== '' && (entry === '*' || host === entry || host.endsWith(`.${entry}`)));
}

/**
 * The proxy that an address is asked through, by HTTPS_PROXY, HTTP_PROXY, ALL_PROXY and NO_PROXY in either case, as other
 * programs read them; undefined: none. Only http:// proxies are known.
 */
export function proxyFor(url: URL, environment: NodeJS.ProcessEnv): URL | undefined {
  const read = (name: string): string | undefined => environment[name] || environment[name.toLowerCase()];
  if (goesDirectly(url.hostname.toLowerCase(), read('NO_PROXY') ?? '')) return undefined;
  const named = read(url.protocol === 'https:' ? 'HTTPS_PROXY' : 'HTTP_PROXY') ?? read('ALL_PROXY');
  if (named === undefined) return undefined;
  const address = named.includes('://') ? named : `http://${named}`;
  return parseUrl(address);
}
