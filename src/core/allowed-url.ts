/** Where something may be sent: addresses, each with everything below it; `any` where nobody asks. */
export type AllowedUrls = ReadonlySet<string> | 'any'

/**
 * Whether an address is one of those allowed, or below one of them: the same scheme, host and port, and a path that goes on where the
 * allowed one ends. Databases have addresses without a scheme (`db:5432`): those are compared as they are. Nothing is below
 * another that one server may read otherwise than another (`/team/..%2Fother`).
 */
export function isAllowed(url: string, allowed: AllowedUrls): boolean {
  if (allowed === 'any') return true
  const meant = parse(url)
  return [...allowed].some((each) => {
    const way = parse(each)
    if (meant === undefined || way === undefined) return url === each
    return way.origin === meant.origin && isBelow(meant.path, way.path)
  })
}

function parse(text: string): { readonly origin: string; readonly path: string } | undefined {
  // A name and a port look like a scheme: `db:5432`.
  if (!/^[a-z][a-z0-9+.-]*:\/\//i.test(text) || !URL.canParse(text)) return undefined
  const { protocol, host, pathname, username, password } = new URL(text)
  // user@host would pass for another host in the eyes of people.
  if (host === '' || username !== '' || password !== '') return undefined
  return { origin: `${protocol}//${host.toLowerCase()}`, path: pathname.replace(/\/+$/, '') }
}

function isBelow(path: string, way: string): boolean {
  return path === way || (path.startsWith(`${way}/`) && !/%(2f|5c)/i.test(path.slice(way.length)))
}
