import eslint from '@eslint/js';
import tseslint from 'typescript-eslint';

const TIME_AND_CHANCE = 'Time, chance and ids are arguments: take a Clock, random or newId.';

export default tseslint.config(
  { ignores: ['dist/**', 'coverage/**', 'node_modules/**', '.dependency-cruiser.cjs'] },
  eslint.configs.recommended,
  ...tseslint.configs.recommendedTypeChecked,
  {
    languageOptions: { parserOptions: { projectService: { allowDefaultProject: ['eslint.config.js'] } } },
    rules: {
      'max-lines': ['error', { max: 300 }],
      'no-console': 'error',
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'separate-type-imports' }],
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      '@typescript-eslint/require-await': 'off',
      '@typescript-eslint/only-throw-error': 'error',
      '@typescript-eslint/return-await': 'off',
    },
  },
  {
    files: ['src/**/*.ts'],
    rules: {
      'no-restricted-globals': [
        'error',
        ...['setTimeout', 'setInterval', 'setImmediate', 'clearTimeout', 'clearInterval', 'performance'].map(
          (name) => ({
            name,
            message: TIME_AND_CHANCE,
          }),
        ),
      ],
      'no-restricted-properties': [
        'error',
        { object: 'Math', property: 'random', message: TIME_AND_CHANCE },
        { object: 'Date', property: 'now', message: TIME_AND_CHANCE },
        { object: 'crypto', property: 'randomUUID', message: TIME_AND_CHANCE },
        { object: 'process', property: 'hrtime', message: TIME_AND_CHANCE },
        { object: 'AbortSignal', property: 'timeout', message: TIME_AND_CHANCE },
      ],
      'no-restricted-syntax': [
        'error',
        { selector: "NewExpression[callee.name='Date'][arguments.length=0]", message: TIME_AND_CHANCE },
        { selector: "CallExpression[callee.name='Date']", message: TIME_AND_CHANCE },
        { selector: 'ExportAllDeclaration', message: 'Name what is exported: `export *` hides changes of the API.' },
        { selector: 'TSEnumDeclaration', message: 'Use a union of strings.' },
      ],
      'no-restricted-imports': [
        'error',
        {
          paths: [
            { name: 'node:timers', message: TIME_AND_CHANCE },
            { name: 'node:timers/promises', message: TIME_AND_CHANCE },
            { name: 'node:perf_hooks', message: TIME_AND_CHANCE },
          ],
        },
      ],
    },
  },
  {
    files: ['src/internal/system-*.ts'],
    rules: {
      'no-restricted-globals': 'off',
      'no-restricted-properties': 'off',
      'no-restricted-syntax': 'off',
      'no-restricted-imports': 'off',
    },
  },
  {
    files: ['test/**/*.ts', 'bench/**/*.ts', 'examples/**/*.ts'],
    rules: {
      'no-console': 'off',
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
    },
  },
);
