const jestJupyterLab = require('@jupyterlab/testutils/lib/jest-config');

/** Packages that ship ES modules only, which babel must turn into CommonJS for jest. */
const esModules = [
  '@codemirror',
  '@jupyter/',
  '@jupyterlab/',
  '@microsoft/',
  '@rjsf/',
  'exenv-es6',
  'lib0',
  'nanoid',
  'openapi-fetch',
  'vscode-ws-jsonrpc',
  'y-protocols',
  'y-websocket',
  'yjs'
].join('|');

module.exports = {
  ...jestJupyterLab(__dirname),
  reporters: ['default'],
  modulePathIgnorePatterns: [
    '<rootDir>/rsp_epo_export/',
    '<rootDir>/ui-tests/',
    '<rootDir>/service/',
    '<rootDir>/review/',
    '<rootDir>/\\.[a-z]+/'
  ],
  setupFilesAfterEnv: ['<rootDir>/src/__tests__/support/setup.ts'],
  testTimeout: 60_000,
  testRegex: 'src/.*\\.spec\\.tsx?$',
  transformIgnorePatterns: [`/node_modules/(?!${esModules}).+`]
};
