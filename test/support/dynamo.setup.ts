import type { TestProject } from 'vitest/node';
import { startDynamoLocal } from '#local/dynamo/java.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Endpoint of the one in-memory DynamoDB Local of the `commands` project. */
    dynamo: string;
  }
}

/** Starts one in-memory DynamoDB Local for all `*.db.test.ts`; a test file takes its own table from `freshTable()`. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const dynamo = await startDynamoLocal();
  project.provide('dynamo', dynamo.url);
  return () => dynamo.stop();
}
