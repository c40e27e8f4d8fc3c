import type { Call } from './fake-call.ts'
import { readAt } from './fake-conversion.ts'
import { basicFault, dashboardType, messageOf, storedSpec } from './fake-dashboard-checks.ts'
import { folderType } from './fake-folder-checks.ts'
import { managerOf } from './fake-managers.ts'
import { type Given, draftOf } from './fake-object-body.ts'
import type { Draft } from './fake-object-store.ts'
import { type Subject, handlersOf, isDry } from './fake-objects.ts'
import { badRequest, notFound } from './fake-refusal.ts'
import type { StoredObject } from './fake-state.ts'

function accepted(call: Call, given: Given, previous: StoredObject | undefined): Draft {
  const spec = storedSpec(given, call.query.get('fieldValidation') === 'Ignore')
  const fault = basicFault(given.name, spec, messageOf(given))
  if (fault !== undefined) throw badRequest(fault)
  const moved = given.folder !== '' && given.folder !== previous?.folder
  // A dry run does not look for the folder: pkg/registry/apis/dashboard/register.go#3736973000.
  if (moved && !isDry(call) && !call.state.data.folders.has(given.folder))
    throw notFound(folderType, given.folder)
  return { ...draftOf(given), spec }
}

const subject: Subject = {
  type: dashboardType,
  served: ({ profile }) => profile.dashboards,
  accepted,
  checkDeletion: (_, { annotations }) => {
    // pkg/registry/apis/dashboard/register.go, validateDelete
    if (managerOf(annotations)?.kind === 'classic-file-provisioning')
      throw badRequest('provisioned dashboard cannot be deleted')
  },
  content: (object, version) => ({ ...readAt(object, version) }),
  // docs: developers/http_api/dashboard@f349ae73
  deleted: (_, { name, uid }) => ({
    ...{ kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success' },
    details: { name, group: dashboardType.group, kind: dashboardType.resource, uid },
  }),
}

export const dashboardHandlers = handlersOf(subject)
