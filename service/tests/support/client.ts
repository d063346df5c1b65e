/** A PI's side of the story, by plain HTTP. What comes back is checked against the contract's own schemas. */
import { randomUUID } from 'node:crypto';
import type { Static, TSchema } from 'typebox';
import Value from 'typebox/value';
import { Export, ItemList, type Item } from '../../src/exports/schemas.ts';
import { Grant } from '../../src/grants/schemas.ts';
import { ErrorBody, type CollectionKind } from '../../src/http/schemas.ts';
import { Project } from '../../src/projects/schemas.ts';
import { tokenOf, type Person } from './people.ts';
import type { TestService } from './service.ts';
import { until } from './until.ts';

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  readonly body: unknown;
}

export interface Submission {
  project_id: string;
  subject_set: string;
  repository: string;
  collections: { name: string; kind: CollectionKind }[];
  dataset_type: string;
  metadata_columns?: string[];
  frame_dimension?: string;
}

/** What an error answer says: its status and its first detail's type. */
export function errorOf(answer: Answer): [status: number, type: string | undefined] {
  return [answer.status, Value.Parse(ErrorBody, answer.body).detail[0]?.type];
}

/** @throws Error with the whole answer where it is not as it should be */
export function bodyOf<T extends TSchema>(answer: Answer, status: number, schema: T): Static<T> {
  if (answer.status !== status || !Value.Check(schema, answer.body)) {
    throw new Error(`Answered ${answer.status}: ${answer.text}`);
  }
  return answer.body;
}

export class Client {
  readonly #service: Pick<TestService, 'api'>;
  readonly #token: string;

  /** @param caller - one of the tests' people, or a token as it is */
  constructor(service: Pick<TestService, 'api'>, caller: Person | { readonly token: string }) {
    this.#service = service;
    this.#token = typeof caller === 'string' ? tokenOf(caller) : caller.token;
  }

  /** @param path - below `/epo-export/v1`; sent as it is */
  async call(
    method: string,
    path: string,
    { json, raw, headers }: { json?: unknown; raw?: string; headers?: Record<string, string> } = {}
  ): Promise<Answer> {
    const body = raw ?? (json === undefined ? undefined : JSON.stringify(json));
    const response = await fetch(`${this.#service.api}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${this.#token}`,
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...headers
      },
      ...(body !== undefined && { body })
    });
    const text = await response.text();
    const isJson = response.headers.get('content-type')?.startsWith('application/json');
    const parsed: unknown = isJson ? JSON.parse(text) : undefined;
    return { status: response.status, headers: response.headers, text, body: parsed };
  }

  async project(): Promise<string> {
    const answer = await this.call('POST', '/projects', { json: { name: `P ${randomUUID()}` } });
    return bodyOf(answer, 201, Project).id;
  }

  async grant(
    collection: string,
    { kind = 'run', days = 7 }: { kind?: CollectionKind; days?: number } = {}
  ): Promise<Static<typeof Grant>> {
    const json = { repository: 'test', collection, kind, expires_in_days: days };
    return bodyOf(await this.call('POST', '/grants', { json }), 201, Grant);
  }

  async submit(submission: Submission, key: string = randomUUID()): Promise<Answer> {
    return this.call('POST', '/exports', {
      json: submission,
      headers: { 'idempotency-key': key }
    });
  }

  /** Grants the collection, submits it in a project of its own and gives the export's id. */
  async begin(
    name: string,
    { kind = 'run', ...rest }: Partial<Submission> & { kind?: CollectionKind } = {}
  ): Promise<string> {
    await this.grant(name, { kind });
    const answer = await this.submit({
      ...submissionOf(await this.project(), name, kind),
      ...rest
    });
    return bodyOf(answer, 202, Export).id;
  }

  async show(id: string): Promise<Export> {
    return bodyOf(await this.call('GET', `/exports/${id}`), 200, Export);
  }

  async items(id: string, query = ''): Promise<Item[]> {
    const answer = await this.call('GET', `/exports/${id}/items?limit=500${query}`);
    return bodyOf(answer, 200, ItemList).items;
  }

  /** Waits until the export is in `state`; @throws Error where it ends in another */
  async reaches(id: string, state: Export['state'], limit?: number): Promise<Export> {
    let seen: Export | undefined;
    return until(
      `export ${id} is ${state}`,
      async () => {
        seen = await this.show(id);
        if (seen.state !== state && seen.waits_for !== 'system') {
          throw new Error(`It ended otherwise: ${JSON.stringify(seen)}`);
        }
        return seen.state === state ? seen : undefined;
      },
      { last: () => JSON.stringify(seen), ...(limit && { limit }) }
    );
  }

  /** {@link begin}, and waits until it is public. */
  async publish(name: string, options: Parameters<Client['begin']>[1] = {}): Promise<Export> {
    return this.reaches(await this.begin(name, options), 'PUBLISHED');
  }
}

export function submissionOf(
  project: string,
  name: string,
  kind: CollectionKind = 'run'
): Submission {
  return {
    project_id: project,
    subject_set: 'a set',
    repository: 'test',
    collections: [{ name, kind }],
    dataset_type: 'zooniverse_cutout'
  };
}
