import { ElasticsearchReconciler } from '../../reconcilers/elasticsearch/reconciler.ts'
import type { SearchResource, SearchType } from '../../reconcilers/elasticsearch/resource.ts'
import type { ServiceClient } from '../../src/reconcile/service-client.ts'
import type { Controls } from '../../src/reconcile/written.ts'
import { Desk } from './desk.ts'

/** The Elasticsearch reconciler at a desk of its own. */
export class ElasticsearchDesk extends Desk<SearchResource> {
  constructor(newClient: () => ServiceClient<SearchResource>) {
    super(new ElasticsearchReconciler(), newClient)
  }

  /** Writes the ConfigMap `name` with indices. */
  indices(name: string, entries: Readonly<Record<string, unknown>>, controls: Partial<Controls> = {}): void {
    this.put(name, 'indices', entries, controls)
  }

  put(
    name: string,
    type: SearchType,
    entries: Readonly<Record<string, unknown>>,
    controls: Partial<Controls> = {},
  ): void {
    this.write(name, type, entries, { controls })
  }

  /** The sentences beside them. */
  said(name: string): string {
    const { message, resources } = this.state(name)
    return [message, ...resources.map((each) => each.message)].join('\n')
  }
}
