import js from '@eslint/js';
import { defineConfig, globalIgnores } from 'eslint/config';
import ts from 'typescript-eslint';

const TESTS = ['**/*.test.ts', '**/*.oracle.ts', '**/*.conformance.ts', '**/*.fixture.{ts,mjs}'];

/** DESIGN: the clock and the dice are parameters; only `model/` reads the real ones. */
const INJECTED = [
  { object: 'Date', property: 'now', message: 'Take a Clock, or wallClockMs() of src/model/time.ts for labels.' },
  { object: 'Math', property: 'random', message: 'Take a Random of src/model/random.ts.' },
];

/** DESIGN: only `cli/` and `report/` write to the terminal. */
const TERMINAL = [
  { object: 'process', property: 'stdout', message: 'Only src/cli and src/report write to the terminal.' },
  { object: 'process', property: 'stderr', message: 'Only src/cli and src/report write to the terminal.' },
];

const SYNTAX = [
  { selector: 'TSEnumDeclaration', message: 'Use a union of literals.' },
  { selector: 'TSModuleDeclaration', message: 'Use a module.' },
];

const WALL_CLOCK = [
  {
    selector: 'NewExpression[callee.name="Date"][arguments.length=0]',
    message: 'Take a Clock, or new Date(wallClockMs()) for labels.',
  },
];

const MODULE_STATE = [
  {
    selector: ':matches(Program, Program > ExportNamedDeclaration) > VariableDeclaration[kind="let"]',
    message: 'A module keeps no mutable state: give it to an object with an owner.',
  },
  {
    selector:
      ':matches(Program, Program > ExportNamedDeclaration) > VariableDeclaration > ' +
      'VariableDeclarator:not([id.typeAnnotation.typeAnnotation.typeName.name=/^Readonly(Map|Set)$/]) > ' +
      'NewExpression[callee.name=/^(Map|Set|WeakMap|WeakSet)$/]',
    message: 'A module keeps no mutable state: say ReadonlySet or ReadonlyMap, or give it to an object with an owner.',
  },
];

/** DESIGN: units are converted in `model/time.ts` alone; a bare factor is where unit errors hide. */
const UNIT_FACTOR = [1_000, 1_000_000, 1_000_000_000].flatMap((factor) => ({
  selector: `BinaryExpression[operator=/^[*\\u002F]$/] > Literal[value=${String(factor)}]`,
  message: 'Convert units with src/model/time.ts, or name the factor.',
}));

export default defineConfig(
  globalIgnores(['dist/', '.dist-next/', 'results/', 'node_modules/']),
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  js.configs.recommended,
  {
    rules: {
      eqeqeq: 'error',
      // It takes `this.#timer ??= start()` for a write that nobody reads.
      'no-unused-private-class-members': 'off',
      'no-duplicate-imports': 'error',
      'no-restricted-exports': ['error', { restrictDefaultExports: { direct: true, named: true, namedFrom: true } }],
    },
  },
  {
    files: ['**/*.ts'],
    extends: [ts.configs.strictTypeChecked, ts.configs.stylisticTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/explicit-module-boundary-types': 'error',
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      // Code points are what a column of a terminal or a chart counts.
      '@typescript-eslint/no-misused-spread': ['error', { allow: ['string'] }],
      '@typescript-eslint/no-unnecessary-condition': [
        'error',
        { allowConstantLoopConditions: 'only-allowed-literals' },
      ],
      // Its fix is the `!` that the strict rules forbid.
      '@typescript-eslint/non-nullable-type-assertion-style': 'off',
      '@typescript-eslint/parameter-properties': 'error',
      '@typescript-eslint/prefer-readonly': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true, requireDefaultForNonUnion: true },
      ],
      'no-console': 'error',
      'no-restricted-properties': ['error', ...INJECTED, ...TERMINAL],
      'no-restricted-syntax': ['error', ...SYNTAX, ...WALL_CLOCK, ...MODULE_STATE, ...UNIT_FACTOR],
    },
  },
  {
    files: ['src/model/**/*.ts'],
    rules: {
      'no-restricted-properties': ['error', ...TERMINAL],
      'no-restricted-syntax': ['error', ...SYNTAX, ...MODULE_STATE],
    },
  },
  {
    files: ['src/cli/**/*.ts', 'src/report/**/*.ts', 'bench/**/*.ts'],
    rules: {
      'no-console': 'off',
      'no-restricted-properties': ['error', ...INJECTED],
    },
  },
  {
    // The only way to give types to a package that brings none.
    files: ['**/*.d.ts'],
    rules: { 'no-duplicate-imports': 'off', 'no-restricted-exports': 'off', 'no-restricted-syntax': 'off' },
  },
  {
    files: TESTS,
    rules: {
      // Setting a test up is plain when it may say `!`, keep state beside it, and pass a method or a stub around.
      '@typescript-eslint/no-empty-function': 'off',
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/require-await': 'off',
      '@typescript-eslint/unbound-method': 'off',
      'no-restricted-properties': ['error', ...INJECTED],
      'no-restricted-syntax': ['error', ...SYNTAX],
    },
  },
  {
    // Loaded by tools that ask for a default export.
    files: ['eslint.config.js', 'vitest.*.ts', 'vitest.*.mjs', 'scripts/totals-reporter.mjs'],
    rules: { 'no-restricted-exports': 'off' },
  },
  {
    files: ['**/*.{js,mjs,cjs}'],
    // Set-up imports everything it uses from node:, the rest is what every JavaScript host has.
    languageOptions: { globals: { URL: 'readonly', setTimeout: 'readonly' } },
  },
  {
    files: ['**/*.cjs'],
    languageOptions: { sourceType: 'commonjs', globals: { module: 'writable' } },
  },
);
