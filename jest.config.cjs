/** @type {import('jest').Config} */
module.exports = {
  testEnvironment: 'node',
  testMatch: ['<rootDir>/test/**/*.test.ts'],
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      { jsc: { target: 'es2023', parser: { syntax: 'typescript' } }, sourceMaps: 'inline' },
    ],
  },
  // What is loaded by its first use is named as Node finds it in dist/.
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': ['$1.js', '$1.ts'] },
  modulePathIgnorePatterns: ['<rootDir>/dist/'],
  // A limit for what hangs, not a measure: a machine that is busy with other work is no failure.
  testTimeout: 180_000,
  // Tests spend much of their time waiting for servers: on two cores, two workers instead of jest's one.
  maxWorkers: '100%',
};
