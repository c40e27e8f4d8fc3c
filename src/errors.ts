/** What a reason means for whoever meets it: retry it or wait for a person, and what that person can do. */
export interface ReasonFacts {
  /** True: backoff and try again. False: terminal until written or observed changes. */
  readonly retryable: boolean
  /** One sentence: the way out. */
  readonly advice: string
}

const retry = (advice: string): ReasonFacts => ({ retryable: true, advice })
const terminal = (advice: string): ReasonFacts => ({ retryable: false, advice })

/** Every reason a reconcile can end with. A rule's own codes stand in the rules of its service. */
export const reasons = {
  Succeeded: retry('Nothing to do.'),
  Progressing: retry('Wait: the service is still applying the change.'),
  Suspended: retry('Remove infometis.io/suspend, or set suspend to "false" in infometis-control.'),
  SourceGone: retry('Add the ConfigMap again, or run `infometis forget NAME` to give up what it made.'),
  Orphaned: retry('Write it again, or set infometis.io/policy to sync to have it deleted.'),
  NotVerified: retry('The service accepted the change but does not show it yet; it is asked again.'),
  Retained: retry('Nothing to do: the service cannot remove it, and it stands in nobody’s way.'),
  DependencyMissing: retry('Write what is named, or wait until it is made: the change follows by itself.'),
  Unhealthy: retry('It is as written but does not do its work: mend what the words name.'),
  LeftAsChanged: retry('Nothing to do: write it in Git if it is meant to stay, or change it back by hand.'),
  Warned: retry('Nothing is wrong with what is written; look at what the words name.'),
  ChangesWithheld: terminal('The policy is observe-only: set infometis.io/policy to upsert-only or sync.'),
  ChangesHeld: terminal('Read the plan, then set infometis.io/approve to its hash.'),
  ChangesRefused: terminal('Change what is written; a refused change cannot be approved.'),
  ChangesFailed: retry('Read the server message of each resource; the change is tried again.'),
  InvalidDocument: terminal('Correct the document at the place named; nothing was changed.'),
  InvalidControl: terminal('Correct or remove the annotation named; nothing was changed.'),
  InvalidConfiguration: terminal('Correct the setting named and restart.'),
  SecretNotUsable: terminal('Do what the sentence says; the Secret is looked at again at each resync.'),
  ResourceConflict: terminal('Let one ConfigMap name the resource; the older one keeps it.'),
  BaseNotFound: terminal('Create the ConfigMap that infometis.io/extends names, in the same namespace.'),
  WrongCluster: terminal(
    'Check the bootstrap address; if the move is meant, set EXPECTED_CLUSTER_ID to the new id.',
  ),
  ServiceUnreachable: retry('Check that the service runs and that its address is right.'),
  ServiceTimeout: retry('The service did not answer in time; what it did is read again before the next try.'),
  ServiceBusy: retry('The service asked to slow down; the change is tried again.'),
  ServiceUnhealthy: retry('Bring the service back to health first; the words name what is missing.'),
  StorageFull: retry('Free disk space on the service’s machines; it takes changes again by itself.'),
  TimeLimitReached: retry('Raise the limit named, or wait for a quieter hour: it is tried again.'),
  AuthenticationFailed: retry('Check the mounted user name, password or certificate.'),
  AuthorizationFailed: retry('Grant the principal the operation named.'),
  TlsFailed: retry('Check the CA, the certificate and the host name in the certificate.'),
  RejectedByServer: terminal('Correct the value; the words are the server’s own.'),
  NotSupportedByServer: terminal('Upgrade the server or remove the entry.'),
  ApiServerUnreachable: retry('Check that the Kubernetes API can be reached.'),
  ApiServerForbidden: retry('Grant the reconciler’s Role the verb named (see deploy/).'),
  ApiServerRejected: retry('The words are the API server’s own; the request is tried again.'),
  StateUnreadable: terminal(
    'Restore the status ConfigMap named, or delete it to start with an empty inventory.',
  ),
  StateTooLarge: terminal('Split the ConfigMap: its state no longer fits one object.'),
  DeadlineExceeded: retry('The reconcile took longer than its deadline; it is tried again.'),
  Aborted: retry('The reconciler is stopping.'),
  LeadershipLost: retry(
    'Nothing to do: the process ends and starts again as a standby. If it comes often, look at the API server.',
  ),
  MissingPrerequisite: terminal('Do what the sentence says, then run the command again.'),
  StackFailed: retry('Read the log named, then run `infometis down` and `infometis up`.'),
  InternalError: retry('Please report this with the log line.'),
} as const satisfies Record<string, ReasonFacts>

export type Reason = keyof typeof reasons

/** An error that already knows its reason. Vendor errors become one in the client and nowhere else. */
export class ReconcileError extends Error {
  readonly reason: Reason

  constructor(reason: Reason, message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'ReconcileError'
    this.reason = reason
  }

  get retryable(): boolean {
    return reasons[this.reason].retryable
  }
}

/** Ends a command with an exit code: 0 good, 2 not (changes, not Ready), 1 could not tell. */
export class ExitError extends Error {
  readonly code: 0 | 1 | 2

  constructor(code: 0 | 1 | 2, message = '') {
    super(message)
    this.name = 'ExitError'
    this.code = code
  }
}

/** Any thrown value as a ReconcileError; what is not known is InternalError, with its cause. */
export function toReconcileError(thrown: unknown): ReconcileError {
  if (thrown instanceof ReconcileError) return thrown
  const error = thrown instanceof Error ? thrown : new Error(String(thrown))
  if (error.name === 'TimeoutError')
    return new ReconcileError('DeadlineExceeded', error.message, { cause: error })
  if (error.name === 'AbortError') return new ReconcileError('Aborted', error.message, { cause: error })
  return new ReconcileError('InternalError', error.message, { cause: error })
}
