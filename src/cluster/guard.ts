/** What a kubeconfig says of the cluster that a context points at. */
export interface ContextFacts {
  readonly name: string
  readonly cluster: string
  readonly server: string
}

/** Names that the makers of clusters for one machine give to theirs. */
const localNames =
  /^(kind-|k3d-|minikube\b|docker-desktop$|docker-for-desktop$|rancher-desktop$|orbstack$|colima\b|microk8s|k0s)/
const localHosts = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\]|0\.0\.0\.0)$/
const production = /(^|[^a-z])(prod|production|prd|live)([^a-z]|$)/i

/** True for a cluster that is nobody’s but this machine’s: by its address, or by the name its maker gave it. */
function looksLocal({ name, server }: ContextFacts): boolean {
  return localNames.test(name) || localHosts.test(hostOf(server))
}

/** True when anything about it is called production: a tunnel to it has a local address, too. */
function looksLikeProduction({ name, cluster, server }: ContextFacts): boolean {
  return [name, cluster, hostOf(server)].some((each) => production.test(each))
}

/**
 * Why nothing is done to this cluster yet; undefined when it may be. Production is never taken for granted: its context has to be
 * named, not only be the current one of some shell.
 */
export function objection(
  context: ContextFacts,
  said: { readonly yes: boolean; readonly context?: string | undefined },
): string | undefined {
  const { name, server } = context
  const which = `the context ${name} (${server})`
  if (looksLikeProduction(context)) {
    if (said.yes && said.context === name) return undefined
    return `${which} calls itself production, which is Flux’s to change (deploy/README.md): if it is meant, say --context ${name} --yes`
  }
  if (looksLocal(context) || said.yes) return undefined
  return `${which} does not look like a cluster of this machine: say --yes if it is meant, or choose another with --context`
}

function hostOf(server: string): string {
  return URL.canParse(server) ? new URL(server).hostname : server
}
