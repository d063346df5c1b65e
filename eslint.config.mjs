// One configuration for the whole workspace: the extension, the service, the review page and the browser tests.
import js from '@eslint/js';
import prettier from 'eslint-config-prettier';
import reactHooks from 'eslint-plugin-react-hooks';
import globals from 'globals';
import tseslint from 'typescript-eslint';

export default tseslint.config(
  {
    ignores: [
      '**/node_modules/',
      '.*/',
      '**/dist/',
      'coverage/',
      'lib/',
      'rsp_epo_export/labextension/',
      'src/api/schema.ts',
      '**/test-results/',
      '**/playwright-report/'
    ]
  },
  js.configs.recommended,
  {
    files: ['**/*.ts', '**/*.tsx'],
    extends: [tseslint.configs.strictTypeChecked],
    languageOptions: {
      parserOptions: {
        projectService: true,
        tsconfigRootDir: import.meta.dirname
      }
    },
    rules: {
      curly: 'error',
      eqeqeq: ['error', 'always', { null: 'ignore' }],
      'prefer-const': 'error',
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
      '@typescript-eslint/no-unused-vars': [
        'error',
        { argsIgnorePattern: '^_', ignoreRestSiblings: true }
      ],
      // `${count} items` is what template literals are for.
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      // `() => void promise()` and `() => setX(y)` are how handlers are written.
      '@typescript-eslint/no-confusing-void-expression': [
        'error',
        { ignoreArrowShorthand: true, ignoreVoidReturningFunctions: true }
      ],
      // What an interface allows to wait is async, even where this one need not; `withResolvers<void>()` is a type argument.
      '@typescript-eslint/require-await': 'off',
      '@typescript-eslint/no-invalid-void-type': 'off',
      // An exhaustive switch needs no default.
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true }
      ]
    }
  },
  {
    files: ['src/**/*.ts', 'src/**/*.tsx', 'review/**/*.ts', 'review/**/*.tsx'],
    extends: [reactHooks.configs['recommended-latest']],
    languageOptions: { globals: globals.browser }
  },
  {
    // The review page draws these too, and knows nothing of JupyterLab.
    files: ['src/components/**', 'src/domain/**'],
    rules: {
      'no-restricted-imports': [
        'error',
        { patterns: ['@jupyterlab/*', '@lumino/*', '**/model/*', '**/widgets/*'] }
      ]
    }
  },
  {
    files: ['service/**', 'ui-tests/**', 'bench/**', 'demo/**', '*.js', '*.mjs'],
    languageOptions: { globals: globals.node }
  },
  {
    // A test meets what the types say cannot be: a service that never came up, an answer of any shape.
    files: ['service/tests/**', 'ui-tests/**'],
    rules: {
      '@typescript-eslint/no-unnecessary-condition': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/unbound-method': 'off'
    }
  },
  {
    files: ['*.js'],
    languageOptions: { sourceType: 'commonjs' }
  },
  prettier
);
