/** `make contract TARGET_URL=…`, against the real service behind the stand-in of Gafaelfawr's ingress. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { checkDeployment } from '../../contract/deployment.ts';
import { isDocument, type Document } from '../../contract/document.ts';
import { driftOf } from '../../contract/drift.ts';
import { CONTRACT } from './support/contract.ts';
import { startPlatform, type Platform } from './support/platform.ts';

function contract(): Document {
  const read: unknown = JSON.parse(readFileSync(CONTRACT, 'utf8'));
  if (!isDocument(read)) {
    throw new Error('no document');
  }
  return read;
}

/** A copy of the contract in which something is otherwise. */
function changed(change: (text: string) => string): Document {
  const text = JSON.stringify(contract());
  const other = change(text);
  expect(other).not.toBe(text);
  return JSON.parse(other) as Document;
}

let platform: Platform;
let token: string;

beforeAll(async () => {
  platform = await startPlatform();
  token = platform.gafaelfawr.issue({ username: 'alien', token_type: 'user' });
});
afterAll(async () => {
  await platform?.close();
});

async function check(origin: string, ours = contract(), by = token) {
  const said: string[] = [];
  const problems = await checkDeployment({ origin, token: by, ours, say: line => said.push(line) });
  expect(said.join('\n')).not.toContain(by);
  return { problems, said };
}

describe('a deployment of this version', () => {
  test('answers all that can be asked of it, as documented', async () => {
    const alien = platform.client('alien');
    await alien.reaches(await alien.begin('u/alien/story'), 'HELD');
    const { problems, said } = await check(platform.ingress.url);
    expect(said.filter(line => !line.startsWith('✓'))).toEqual([
      expect.stringMatching(/^Our contract is of version/)
    ]);
    expect(problems).toBe(0);
    expect(said).toContain('✓ GET /epo-export/v1/exports/{export_id}/items');
  });

  test('has what nobody could ask it for told', async () => {
    const other = platform.gafaelfawr.issue({ username: 'mallory', token_type: 'user' });
    const { problems, said } = await check(platform.ingress.url, contract(), other);
    expect(problems).toBe(0);
    expect(said).toContain(
      '– GET /epo-export/v1/exports/{export_id}: there is nothing to ask it of.'
    );
  });
});

describe('drift', () => {
  const ours = contract();

  test('is nothing where nothing changed, or only grew', () => {
    expect(driftOf(ours, contract())).toEqual([]);
    const grown = changed(text =>
      text.replaceAll('"subject_set":{', '"more":{"type":"string"},"subject_set":{')
    );
    expect(driftOf(ours, grown)).toEqual([]);
  });

  test.each<[string, (text: string) => string, string]>([
    [
      'a route that is gone',
      text => text.replace('"/epo-export/v1/notifications"', '"/epo-export/v1/messages"'),
      'GET /epo-export/v1/notifications is not there any more.'
    ],
    [
      'a field that is gone',
      text => text.replaceAll('"manifest_url":{', '"manifest":{'),
      'The answer 200 of GET /epo-export/v1/exports/{export_id} has manifest_url no more.'
    ],
    [
      'a new word',
      text => text.replaceAll('"EXPIRED"]', '"EXPIRED","LOST"]'),
      'State of the answer 200 of GET /epo-export/v1/exports/{export_id} may be “LOST” now.'
    ],
    [
      'another type',
      text =>
        text.replaceAll('"object_limit":{"type":"integer"', '"object_limit":{"type":"string"'),
      'Object_limit of the answer 201 of POST /epo-export/v1/projects may be string now.'
    ],
    [
      'a parameter that is needed',
      text => text.replace('"name":"limit","required":false', '"name":"limit","required":true'),
      'now needs the parameter limit.'
    ]
  ])('is told of %s', (_, change, sentence) => {
    const drift = driftOf(ours, changed(change)).map(
      one => one.charAt(0).toUpperCase() + one.slice(1)
    );
    expect(drift).toContainEqual(expect.stringContaining(sentence));
  });

  test('in a deployment is a problem', async () => {
    const older = changed(text => text.replaceAll('"subject_set":{', '"set_name":{'));
    const { problems, said } = await check(platform.ingress.url, older);
    expect(problems).toBeGreaterThan(0);
    expect(said).toContainEqual(expect.stringContaining('set_name no more'));
  });
});

describe('a place that is no such deployment is told as what it is', () => {
  let server: Server;
  let elsewhere: string;
  const asked: (string | undefined)[] = [];

  beforeAll(async () => {
    server = createServer((request, response) => {
      asked.push(request.headers.authorization);
      response.writeHead(302, { location: 'http://127.0.0.1:9/' }).end();
    });
    await new Promise<void>(done => server.listen(0, '127.0.0.1', done));
    elsewhere = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(() => server?.close());

  test('a redirect is not followed', async () => {
    const { problems, said } = await check(elsewhere);
    expect([problems, said]).toEqual([1, [expect.stringContaining('a redirect')]]);
    expect(asked).toEqual([`Bearer ${token}`]);
  });

  test.each([
    ['nobody is there', 'http://127.0.0.1:9', 'cannot be reached'],
    ['it is no address', 'data.example.org', 'is no address'],
    ['it is an address with a path', 'https://data.example.org/x', 'is no address'],
    ['it would send the token in the clear', 'http://data.example.org', 'by https alone']
  ])('%s', async (_, origin, words) => {
    const { problems, said } = await check(origin);
    expect([problems, said]).toEqual([1, [expect.stringContaining(words)]]);
  });

  test('a token that is not accepted', async () => {
    const { problems, said } = await check(
      platform.ingress.url,
      contract(),
      'gt-DDDDDDDDDDDDDDDDDDDDDD.DDDDDDDDDDDDDDDDDDDDDD'
    );
    expect([problems, said]).toEqual([1, [expect.stringContaining('the token is not accepted')]]);
  });
});
