import type { Snapshot } from '../resource.ts'
import { componentsOf, textOf } from './components.ts'
import { hasProperties } from './properties.ts'

/**
 * Processors and services of NiFi that run what their properties say: scripts, programs on the machine, SQL engines with code.
 * In NiFi they need the permission "execute code". Simple names, of 1.x and 2.x.
 */
const codeRunners = new Set([
  'ExecuteClojure',
  'ExecuteFlumeSink',
  'ExecuteFlumeSource',
  'ExecuteGroovyScript',
  'ExecuteProcess',
  'ExecuteScript',
  'ExecuteSparkInteractive',
  'ExecuteStreamCommand',
  'InvokeScriptedProcessor',
  'ScriptedActionHandler',
  'ScriptedFilterRecord',
  'ScriptedLookupService',
  'ScriptedPartitionRecord',
  'ScriptedReader',
  'ScriptedRecordSetWriter',
  'ScriptedRecordSink',
  'ScriptedReportingTask',
  'ScriptedRulesEngine',
  'ScriptedTransformRecord',
  'ScriptedValidateRecord',
  'SimpleScriptedLookupService',
])

/** `org.apache.nifi.processors.script.ExecuteScript` → `ExecuteScript`. */
export function simpleName(type: string): string {
  return type.slice(type.lastIndexOf('.') + 1)
}

/** Also what has a name like them, in a bundle of one's own. */
export function isCodeRunner(type: string): boolean {
  const name = simpleName(type)
  return (
    codeRunners.has(name) ||
    name.startsWith('Scripted') ||
    (name.startsWith('Execute') && /(Script|Command|Process|Code)$/.test(name))
  )
}

/** The types in a definition that run code, each once, sorted. */
export function codeTypesOf(snapshot: Snapshot): readonly string[] {
  const types = [...componentsOf(snapshot).values()]
    .filter(hasProperties)
    .map(({ json }) => textOf(json, 'type'))
  return [...new Set(types.filter(isCodeRunner))].sort()
}
