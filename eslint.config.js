import tseslint from 'typescript-eslint'

/** One vendor import per service, one reader of the environment, one process.exit (see src/README.md). */
const vendors = ['@platformatic/kafka', 'kafkajs', '@elastic/elasticsearch', 'axios']
const environment = {
  object: 'process',
  property: 'env',
  message: 'src/config.ts is the only reader of the environment; pass values in.',
}
const exit = {
  object: 'process',
  property: 'exit',
  message: 'Only src/main.ts ends the process; throw ExitError.',
}

export default tseslint.config(
  { ignores: ['dist/', 'node_modules/'] },
  {
    files: ['**/*.ts'],
    extends: [...tseslint.configs.strictTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      complexity: ['error', 12],
      'max-depth': ['error', 3],
      'max-params': ['error', 5],
      'max-lines': ['error', { max: 300, skipBlankLines: true, skipComments: true }],
      'no-restricted-imports': ['error', { paths: vendors }],
      'no-restricted-properties': ['error', environment, exit],
      'no-restricted-exports': ['error', { restrictDefaultExports: { direct: true, named: true } }],
      '@typescript-eslint/restrict-template-expressions': [
        'error',
        { allowNumber: true, allowBoolean: true },
      ],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      '@typescript-eslint/no-unnecessary-condition': ['error', { allowConstantLoopConditions: true }],
      '@typescript-eslint/require-await': 'off',
    },
  },
  {
    files: [
      'reconcilers/*/client.ts',
      'reconcilers/*/client/**/*.ts',
      'src/client/http-connection.ts',
      'test/**/*.ts',
    ],
    rules: { 'no-restricted-imports': 'off' },
  },
  { files: ['src/config.ts'], rules: { 'no-restricted-properties': ['error', exit] } },
  { files: ['src/main.ts'], rules: { 'no-restricted-properties': ['error', environment] } },
  {
    files: ['test/**/*.ts', '**/*.test.ts'],
    rules: {
      'no-restricted-properties': ['error', exit],
      'max-lines': 'off',
      'max-params': 'off',
      '@typescript-eslint/no-floating-promises': [
        'error',
        {
          allowForKnownSafeCalls: [
            { from: 'package', package: 'node:test', name: ['describe', 'it', 'test', 'suite'] },
          ],
        },
      ],
    },
  },
)
