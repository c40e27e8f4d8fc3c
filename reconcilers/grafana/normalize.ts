export { normalizeAlertRule } from './alert-rule/alert-rule.ts'
export { ruleFields } from './alert-rule/fields.ts'
export {
  datasourceBody,
  datasourceFields,
  normalizeDatasource,
  observedDatasource,
  secretsOf,
} from './datasource.ts'
export { folderFields, normalizeFolder, observedFolder } from './folder.ts'
export { toWrittenAlertRule, toWrittenDatasource, toWrittenFolder } from './to-written.ts'
