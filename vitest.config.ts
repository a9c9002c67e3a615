import { defineConfig } from 'vitest/config';

/** rules: pure, one module graph per worker. commands: DynamoDB Local or mocks, isolated. journeys: one local cloud, in turn. */
export default defineConfig({
  test: {
    restoreMocks: true,
    projects: [
      {
        extends: true,
        test: {
          name: 'rules',
          include: ['test/**/*.test.ts'],
          exclude: ['test/**/*.db.test.ts', 'test/journeys/**', '**/node_modules/**'],
          pool: 'threads',
          isolate: false,
          testTimeout: 20_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'commands',
          include: ['test/**/*.db.test.ts'],
          exclude: ['test/journeys/**', '**/node_modules/**'],
          pool: 'forks',
          globalSetup: ['test/support/dynamo.setup.ts'],
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'journeys',
          include: ['test/journeys/**/*.test.ts'],
          pool: 'forks',
          fileParallelism: false,
          testTimeout: 180_000,
          hookTimeout: 180_000,
        },
      },
    ],
  },
});
