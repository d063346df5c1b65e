/** Asks a deployment what it documents and whether it answers so. It only reads. */
import { Compile } from 'typebox/schema';
import { isDocument, type Document, type Schema } from './document.ts';
import { driftOf } from './drift.ts';

const LONGEST_MS = 30_000;
const DOCUMENT = '/epo-export/openapi.json';
const LOOPBACK: ReadonlySet<string> = new Set(['127.0.0.1', '[::1]', 'localhost']);

export interface Deployment {
  /** Such as `https://data.example.org`. */
  readonly origin: string;
  /** Sent to that origin alone. */
  readonly token: string;
  readonly ours: Document;
  readonly say: (line: string) => void;
}

/** @returns how many problems there are, each of which was said */
export async function checkDeployment({ origin, token, ours, say }: Deployment): Promise<number> {
  const problem = problemWithOrigin(origin);
  if (problem !== undefined) {
    say(`✗ ${problem}`);
    return 1;
  }
  const ask = (path: string) => get(new URL(path, origin), token);
  const documented = await ask(DOCUMENT);
  const theirs = documented.problem === undefined ? documented.body : undefined;
  if (!isDocument(theirs)) {
    say(`✗ GET ${DOCUMENT}: ${documented.problem ?? 'its answer is no OpenAPI document.'}`);
    return 1;
  }
  say(
    `Our contract is of version ${ours.info.version}, the deployment’s of ${theirs.info.version}.`
  );
  const drift = driftOf(ours, theirs);
  drift.forEach(one => say(`✗ ${one}`));

  let failures = 0;
  const ids = new Map<string, string>();
  for (const path of readable(ours)) {
    const filled = fill(path, ids);
    if (filled === undefined) {
      say(`– GET ${path}: there is nothing to ask it of.`);
      continue;
    }
    const answer = await ask(filled);
    const why = answer.problem ?? whyNotDocumented(theirs, path, answer);
    say(why === undefined ? `✓ GET ${path}` : `✗ GET ${path}: ${why}`);
    failures += why === undefined ? 0 : 1;
    remember(ids, answer.body);
  }
  return drift.length + failures;
}

/** Paths of what a GET asks for, those without parameters first: their answers have the ids for the rest. */
function readable({ paths }: Document): readonly string[] {
  return Object.entries(paths)
    .filter(([, methods]) => 'get' in methods)
    .map(([path]) => path)
    .toSorted((one, other) => Number(one.includes('{')) - Number(other.includes('{')));
}

function fill(path: string, ids: ReadonlyMap<string, string>): string | undefined {
  const names = [...path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name);
  return names.every(name => ids.has(name))
    ? path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(ids.get(name) ?? ''))
    : undefined;
}

/** `{"exports": [{"id": …}]}` gives an `export_id`. */
function remember(ids: Map<string, string>, body: unknown): void {
  for (const [name, list] of Object.entries(typeof body === 'object' && body ? body : {})) {
    const first: unknown = Array.isArray(list) ? list[0] : undefined;
    if (typeof first === 'object' && first && 'id' in first && typeof first.id === 'string') {
      ids.set(`${name.replace(/s$/, '')}_id`, first.id);
    }
  }
}

interface Answer {
  /** Why there is no answer to look at. */
  readonly problem?: string;
  readonly status: number;
  readonly type: string;
  readonly body?: unknown;
}

async function get(url: URL, token: string): Promise<Answer> {
  let response: Response;
  let text: string;
  try {
    response = await fetch(url, {
      headers: { authorization: `Bearer ${token}` },
      redirect: 'manual', // The token goes nowhere else.
      signal: AbortSignal.timeout(LONGEST_MS)
    });
    text = await response.text();
  } catch (error) {
    const why = error instanceof Error ? (error.cause ?? error) : error;
    return { problem: `it cannot be reached (${String(why)}).`, status: 0, type: '' };
  }
  const { status, headers } = response;
  const type = headers.get('content-type')?.split(';')[0] ?? '';
  if (status >= 300 && status < 400) {
    return { problem: 'it answered with a redirect, which is not followed.', status, type };
  }
  if (status === 401 || status === 403) {
    return { problem: `the token is not accepted (${status}).`, status, type };
  }
  if (type !== 'application/json') {
    return { status, type, body: text };
  }
  try {
    return { status, type, body: JSON.parse(text) as unknown };
  } catch {
    return { problem: 'its answer is no JSON.', status, type };
  }
}

function whyNotDocumented(
  document: Document,
  path: string,
  { status, type, body }: Answer
): string | undefined {
  const response = document.paths[path]?.['get']?.responses[String(status)];
  if (status >= 500 || !response) {
    return `it answered ${status}.`;
  }
  const schema = response.content?.[type]?.schema;
  if (!schema) {
    return `it answered ${status} with ${type || 'no type'}, which it does not document.`;
  }
  return matches(document, schema, body) ? undefined : 'its answer is not of the documented form.';
}

function matches({ components }: Document, schema: Schema, body: unknown): boolean {
  return Compile({ ...schema, components }).Check(body);
}

function problemWithOrigin(origin: string): string | undefined {
  const url = URL.canParse(origin) ? new URL(origin) : undefined;
  if (!url || url.origin !== origin.replace(/\/$/, '')) {
    return `“${origin}” is no address such as https://data.example.org.`;
  }
  return url.protocol === 'https:' || LOOPBACK.has(url.hostname)
    ? undefined
    : 'A token is sent by https alone, but on this machine.';
}
