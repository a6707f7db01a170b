import js from '@eslint/js';
import tseslint from 'typescript-eslint';

export default tseslint.config(
  { ignores: ['node_modules', 'reports', 'dist'] },
  js.configs.recommended,
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked],
    languageOptions: {
      parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname },
    },
    rules: {
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      '@typescript-eslint/no-unnecessary-condition': [
        'error',
        { allowConstantLoopConditions: true },
      ],
      // `await using _lock = ...`: held for its disposal alone.
      '@typescript-eslint/no-unused-vars': [
        'error',
        { varsIgnorePattern: '^_', argsIgnorePattern: '^_', destructuredArrayIgnorePattern: '^_' },
      ],
      '@typescript-eslint/return-await': ['error', 'error-handling-correctness-only'],
    },
  },
  {
    // Runs in the reader's browser, beside uPlot.
    files: ['src/render/charts/*.js', 'src/live/*.js', 'src/reporters/html/*.js'],
    languageOptions: {
      globals: Object.fromEntries(
        [
          ...['document', 'getComputedStyle', 'devicePixelRatio', 'matchMedia', 'ResizeObserver'],
          ...[
            'addEventListener',
            'uPlot',
            'paintersOf',
            'consumersOf',
            'CustomEvent',
            'fetch',
            'location',
          ],
          ...['setTimeout', 'history', 'URL', 'Blob', 'Option'],
        ].map((name) => [name, 'readonly']),
      ),
    },
  },
  {
    // The models of @kubernetes/client-node are classes without behaviour: it takes, and gives, plain objects.
    files: [
      'src/{backends,shells}/kubernetes/**/*.ts',
      'test/**/kubernetes*.ts',
      'test/**/kubernetes/**/*.ts',
    ],
    rules: {
      '@typescript-eslint/no-unsafe-class-instance-assignment': 'off',
      '@typescript-eslint/no-misused-spread': 'off',
    },
  },
  {
    // Indexing into literals whose length the test itself fixed.
    files: ['test/**/*.ts', 'bench/**/*.ts'],
    rules: { '@typescript-eslint/no-non-null-assertion': 'off' },
  },
);
