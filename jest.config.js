/** swc turns TypeScript and the ESM-only packages into CommonJS; types are checked by tsc in the same command. */
const swc = { jsc: { target: 'es2023', parser: { syntax: 'typescript' } }, module: { type: 'commonjs' } };

export default {
  testEnvironment: 'node',
  maxWorkers: '100%',
  // Nothing is measured here, and a busy machine is not a failure: this ends what hangs. No test has a limit of its own.
  testTimeout: 600_000,
  testMatch: ['<rootDir>/test/**/*.test.ts'],
  globalSetup: '<rootDir>/test/support/before-all.ts',
  globalTeardown: '<rootDir>/test/support/after-all.ts',
  setupFiles: ['<rootDir>/test/support/environment.ts', '<rootDir>/test/support/log-file.ts'],
  transform: { '\\.[mc]?[jt]s$': ['@swc/jest', swc] },
  transformIgnorePatterns: ['/node_modules/(?!(jose|hono|@hono|re2js|lossless-json|fractional-indexing)/)'],
};
