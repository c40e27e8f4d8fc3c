/** All that is used of the client library. By this detour the bundler leaves the rest of it, 16 MB of API classes, out. */
export { KubeConfig } from '@kubernetes/client-node'
