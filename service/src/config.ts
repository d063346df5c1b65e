/**
 * What an operator can set. One JSON file, `EPO_EXPORT_CONFIG`, with a few secrets and addresses that the
 * environment may override, as Kubernetes likes them. Everything is checked at start: a wrong setting stops the
 * service with a sentence that names it.
 */
import { readFileSync, realpathSync, statSync } from 'node:fs';
import { isAbsolute, resolve } from 'node:path';
import { Type, type Static } from 'typebox';
import Value from 'typebox/value';
import { OneOf, RepositoryLabel } from './http/schemas.ts';
import {
  GafaelfawrSettings,
  IdentitySettings,
  LocalSettings,
  problemWithUrl
} from './identity/settings.ts';
import { SemaphoreSettings } from './notifications/settings.ts';

const Port = Type.Integer({ minimum: 0, maximum: 65535 });

const SettingsFile = Type.Object(
  {
    host: Type.String({ default: '127.0.0.1', description: 'Where the API listens.' }),
    port: Type.Union([Port], { default: 8080 }),
    public_host: Type.String({
      default: '127.0.0.1',
      description: 'Where the public server listens.'
    }),
    public_port: Type.Union([Port], { default: 8081 }),
    public_url: Type.Optional(
      Type.String({ description: 'The origin at which the public reaches the public server.' })
    ),
    data_dir: Type.String({
      description: 'Absolute. Holds quarantine/ and public/, which must be on one file system.'
    }),
    database_dir: Type.Optional(
      Type.String({ description: 'Where the embedded PostgreSQL keeps its data.' })
    ),
    database_url: Type.Optional(
      Type.String({
        description: 'PostgreSQL as the service role; without it, an embedded one is run.'
      })
    ),
    database_owner_url: Type.Optional(
      Type.String({ description: 'PostgreSQL as the owner role, for `migrate` alone.' })
    ),
    identity: IdentitySettings,
    semaphore: Type.Optional(SemaphoreSettings),
    grantee: Type.String({ default: 'bot-epo-export' }),
    repositories: Type.Array(
      Type.Object({
        label: RepositoryLabel,
        uri: Type.String({ minLength: 1 }),
        enforcement: Type.Optional(
          OneOf(
            ['ledger', 'file_permissions'] as const,
            'What keeps EPO out where there is no grant.'
          )
        )
      }),
      {
        description: 'The only Butler repositories that are ever opened.'
      }
    ),
    butler_command: Type.Array(Type.String({ minLength: 1 }), {
      minItems: 1,
      description: 'The interpreter, and its arguments, that has lsst.daf.butler and this package.'
    }),
    workers: Type.Integer({
      minimum: 1,
      maximum: 64,
      default: 2,
      description: 'Processes that check images.'
    }),
    chunk_size: Type.Integer({
      minimum: 1,
      maximum: 5000,
      default: 500,
      description:
        'Items a job: enough that a job costs little beside its files, few enough that progress shows and a repeat is cheap.'
    }),
    stop_seconds: Type.Integer({
      minimum: 1,
      maximum: 3600,
      default: 60,
      description:
        'How long a worker that is told to stop may finish what it has in hand; what is not done by then is given back.'
    }),
    internal: Type.Optional(
      Type.Object(
        {
          host: Type.String({ default: '127.0.0.1' }),
          api_port: Type.Union([Port], { default: 8082 }),
          worker_port: Type.Union([Port], { default: 8083 })
        },
        {
          additionalProperties: false,
          description:
            'Where each process answers /metrics, /health/live and /health/ready, to the platform alone.'
        }
      )
    ),
    project_object_limit: Type.Integer({
      minimum: 1,
      default: 10000,
      description: 'Items an export may have: what the Zooniverse imports at once.'
    }),
    log_level: OneOf(['fatal', 'error', 'warn', 'info', 'debug', 'silent'] as const, '')
  },
  { additionalProperties: false }
);

type SettingsFile = Static<typeof SettingsFile>;

export interface Settings extends SettingsFile {
  readonly public_url: string;
  readonly quarantineDir: string;
  readonly publicDir: string;
}

export class SettingsError extends Error {}

/** Modes in which anyone who reaches the port could be anyone. */
const LOOPBACK_MODES: ReadonlySet<string> = new Set(['local']);
const LOOPBACK = new Set(['127.0.0.1', '::1', 'localhost']);

/**
 * @param path - the settings file
 * @param env - the environment, for overrides
 * @throws SettingsError that names the setting and what is wrong with it
 */
export function loadSettings(path: string, env: NodeJS.ProcessEnv = process.env): Settings {
  let content: unknown;
  try {
    content = JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    throw new SettingsError(
      `The settings file ${path} cannot be read: ${error instanceof Error ? error.message : String(error)}`
    );
  }
  return checkSettings(content, env);
}

export function checkSettings(content: unknown, env: NodeJS.ProcessEnv = {}): Settings {
  const merged = Value.Default(SettingsFile, {
    log_level: 'info',
    ...(typeof content === 'object' && content),
    ...fromEnvironment(env)
  });
  if (!Value.Check(SettingsFile, merged)) {
    const first = Value.Errors(SettingsFile, merged)[0];
    throw first?.instancePath.startsWith('/identity')
      ? identityError(content)
      : new SettingsError(
          `Setting ${first?.instancePath || '(all)'}: ${first?.message ?? 'not valid'}.`
        );
  }
  const urlProblem =
    merged.identity.mode === 'gafaelfawr' && problemWithUrl(merged.identity.gafaelfawr_url);
  if (urlProblem) {
    throw new SettingsError(`Setting /identity/gafaelfawr_url: ${urlProblem}`);
  }
  const semaphoreProblem = merged.semaphore && problemWithUrl(merged.semaphore.url);
  if (semaphoreProblem) {
    throw new SettingsError(`Setting /semaphore/url: ${semaphoreProblem}`);
  }
  if (!isAbsolute(merged.data_dir)) {
    throw new SettingsError('Setting /data_dir: must be an absolute path.');
  }
  if (
    LOOPBACK_MODES.has(merged.identity.mode) &&
    ![merged.host, merged.public_host, merged.internal?.host ?? '127.0.0.1'].every(host =>
      LOOPBACK.has(host)
    )
  ) {
    throw new SettingsError(
      'Identity mode "local" is for one machine: host, public_host and internal.host must be loopback addresses (127.0.0.1, ::1).'
    );
  }
  const labels = new Set(merged.repositories.map(repository => repository.label));
  if (labels.size !== merged.repositories.length) {
    throw new SettingsError('Setting /repositories: each label may stand once.');
  }
  for (const repository of merged.repositories) {
    checkRepositoryConfiguration(repository.uri);
  }
  return {
    ...merged,
    public_url: (merged.public_url ?? `http://${merged.public_host}:${merged.public_port}`).replace(
      /\/+$/,
      ''
    ),
    quarantineDir: resolve(merged.data_dir, 'quarantine'),
    publicDir: resolve(merged.data_dir, 'public')
  };
}

/** Of one mode's settings, what is wrong with them: an error of the union would only say that neither fits. */
function identityError(content: unknown): SettingsError {
  const Modes = { local: LocalSettings, gafaelfawr: GafaelfawrSettings } as const;
  const given = Value.Check(WithIdentity, content) ? content.identity : undefined;
  if (given === undefined) {
    return new SettingsError('Setting /identity/mode: must be "local" or "gafaelfawr".');
  }
  const schema = Modes[given.mode];
  const first = Value.Errors(schema, Value.Default(schema, given))[0];
  return new SettingsError(
    `Setting /identity${first?.instancePath ?? ''}: ${first?.message ?? 'not valid'}.`
  );
}

const WithIdentity = Type.Object({
  identity: Type.Object({ mode: OneOf(['local', 'gafaelfawr'] as const, '') })
});

/**
 * A repository's configuration names Python classes that are imported, so nobody but its owner may be able to
 * write it (reference: docs/decisions/0004).
 */
function checkRepositoryConfiguration(uri: string): void {
  if (!uri.startsWith('/')) {
    return; // remote: its server owns the configuration
  }
  let path: string;
  try {
    path = realpathSync(uri.endsWith('.yaml') ? uri : resolve(uri, 'butler.yaml'));
  } catch {
    throw new SettingsError(`Setting /repositories: there is no Butler repository at ${uri}.`);
  }
  if ((statSync(path).mode & 0o022) !== 0) {
    throw new SettingsError(
      `Setting /repositories: ${path} can be written by others than its owner, who could then run code as EPO.`
    );
  }
}

function fromEnvironment(env: NodeJS.ProcessEnv): Record<string, string> {
  const named = {
    database_url: env['DATABASE_URL'],
    database_owner_url: env['DATABASE_OWNER_URL'],
    log_level: env['LOG_LEVEL']
  };
  return Object.fromEntries(
    Object.entries(named).flatMap(([key, value]) => (value ? [[key, value]] : []))
  );
}
