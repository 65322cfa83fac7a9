import eslint from '@eslint/js';
import tseslint from 'typescript-eslint';

const TIME_AND_CHANCE = 'Time, chance and ids are arguments: take a Clock, random or newId.';

const TIMERS = ['setTimeout', 'setInterval', 'setImmediate', 'clearTimeout', 'clearInterval', 'clearImmediate'];
const TIMER_MODULES = ['timers', 'timers/promises', 'perf_hooks'];
const CHANCE = ['randomUUID', 'randomBytes', 'randomInt', 'randomFillSync', 'getRandomValues', 'webcrypto'];

/** Nothing in src asks the machine for the time, for chance or for a new id. */
const timeAndChance = {
  'no-restricted-globals': [
    'error',
    ...[...TIMERS, 'performance', 'crypto'].map((name) => ({ name, message: TIME_AND_CHANCE })),
  ],
  'no-restricted-properties': [
    'error',
    ...[
      ['Math', 'random'],
      ['Date', 'now'],
      ['process', 'hrtime'],
      ['process', 'uptime'],
      ['AbortSignal', 'timeout'],
      ...[...TIMERS, 'performance', 'crypto', 'Date', 'Math'].map((property) => ['globalThis', property]),
    ].map(([object, property]) => ({ object, property, message: TIME_AND_CHANCE })),
  ],
  'no-restricted-imports': [
    'error',
    {
      paths: [
        ...TIMER_MODULES.flatMap((name) => [name, `node:${name}`]).map((name) => ({ name, message: TIME_AND_CHANCE })),
        ...['crypto', 'node:crypto'].map((name) => ({ name, importNames: CHANCE, message: TIME_AND_CHANCE })),
      ],
    },
  ],
};

const CLOCK_CALLS = [
  { selector: "NewExpression[callee.name='Date'][arguments.length=0]", message: TIME_AND_CHANCE },
  { selector: "CallExpression[callee.name='Date']", message: TIME_AND_CHANCE },
];

const SHAPE = [
  { selector: 'ExportAllDeclaration', message: 'Name what is exported: `export *` hides changes of the API.' },
  { selector: 'TSEnumDeclaration', message: 'Use a union of strings.' },
];

export default tseslint.config(
  { ignores: ['dist/**', 'coverage/**', 'node_modules/**'] },
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
    rules: { ...timeAndChance, 'no-restricted-syntax': ['error', ...CLOCK_CALLS, ...SHAPE] },
  },
  {
    files: ['src/internal/system-*.ts'],
    rules: {
      ...Object.fromEntries(Object.keys(timeAndChance).map((rule) => [rule, 'off'])),
      'no-restricted-syntax': ['error', ...SHAPE],
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
