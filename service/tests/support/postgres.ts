/**
 * Once for a whole run: a real PostgreSQL, in which each test file makes databases of its own, and a real Butler
 * repository, which most tests only read.
 */
import { mkdtemp, rm, chmod } from 'node:fs/promises';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { embeddedDatabase } from '../../src/supervisor/postgres.ts';
import { repositoryMaker } from './python.ts';
import { readTestRepository, type TestRepository } from './repository.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Holds PostgreSQL's socket. */
    postgres: { directory: string; ownerUrl: string; serviceUrl: string };
    repository: TestRepository;
  }
}

export default async function setUp(project: TestProject): Promise<() => Promise<void>> {
  // Short, and not below a directory that PostgreSQL's own user cannot enter.
  const folder = await mkdtemp('/tmp/epo-test-');
  await chmod(folder, 0o755);
  const directory = join(folder, 'db');
  const database = await embeddedDatabase(directory);
  const [made] = await Promise.all([
    repositoryMaker('make', join(folder, 'repository')),
    database.start()
  ]);
  project.provide('postgres', {
    directory,
    ownerUrl: database.ownerUrl,
    serviceUrl: database.serviceUrl
  });
  project.provide('repository', readTestRepository(made));
  return async () => {
    await database.stop();
    await rm(folder, { recursive: true, force: true });
  };
}
