import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { Client, errorOf, submissionOf } from './support/client.ts';
import { filesBelow } from './support/door.ts';
import { repositoryMaker } from './support/python.ts';
import { startService, type TestService } from './support/service.ts';

let service: TestService;
let alien: Client;

beforeAll(async () => {
  service = await startService();
  alien = new Client(service, 'alien');
});

afterAll(async () => {
  await service?.close();
});

async function remove(run: string): Promise<void> {
  await repositoryMaker('remove-run', inject('repository').uri, run);
}

test('a run that vanishes before it is listed fails its export with the reason', async () => {
  await service.stopWorker();
  const id = await alien.begin('u/alien/vanishing-1');
  await remove('u/alien/vanishing-1');
  await service.startWorker();
  expect(await alien.reaches(id, 'FAILED')).toMatchObject({
    reason: { type: 'collection_vanished' },
    counts: { total: 0 },
    actions: ['cancel', 'retry']
  });
});

test('a run that vanished is not there for the next submission', async () => {
  const wish = submissionOf(await alien.project(), 'u/alien/vanishing-1');
  expect(errorOf(await alien.submit(wish))).toEqual([404, 'collection_not_found']);
});

test('a run that vanishes after it was listed leaves each item missing by name', async () => {
  await service.stopWorker();
  const id = await alien.begin('u/alien/vanishing-2');
  await service.runWorkerUntil('list.committed');
  await remove('u/alien/vanishing-2');
  await service.startWorker();
  expect(await alien.reaches(id, 'FAILED')).toMatchObject({
    reason: { type: 'nothing_to_publish' },
    counts: { total: 2, missing: 2 },
    reasons: [{ type: 'missing', count: 2 }]
  });
  expect(await filesBelow(service, 'quarantine')).toEqual([]);
});
