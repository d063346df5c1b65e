/** The files of a demo: who its users are, and how service, lab and kernel find each other. */
import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync
} from 'node:fs';
import { join } from 'node:path';
import type { Platform } from './platform.ts';

export interface DemoPlace {
  /** The checkout. */
  readonly root: string;
  readonly directory: string;
  readonly labPort: number;
  readonly servicePort: number;
  readonly publicPort: number;
}

export interface LaidOut {
  /** The service's settings file. */
  readonly settings: string;
  /** The interpreter in which the helper works with no further configuration. */
  readonly python: string;
  /** `epo-export` of this demo's service, for its operator. */
  readonly program: string;
  readonly labToken: string;
  readonly labEnvironment: Record<string, string>;
}

const GRANTEE = 'bot-epo-export';

/** Writes them, anew at each start, but for the secrets, which stay. */
export function layOut(place: DemoPlace, platform?: Platform): LaidOut {
  const { root, directory } = place;
  const at = (...parts: string[]) => join(directory, ...parts);
  const secrets = readSecrets(at('secrets.json'));
  const repository = at('repository');
  const stackPython = join(root, '.venv/stack/bin/python');

  // The repository's configuration names Python classes: nobody but its owner may write it (the service checks).
  chmodSync(join(repository, 'butler.yaml'), 0o644);
  const index = join(repository, 'repositories.yaml'); // make_repository.py writes it
  const uid = process.getuid?.() ?? 0;
  writeSecret(at('tokens.json'), {
    tokens: [
      { token: secrets.alien, username: 'alien', uid, groups: ['g_lensing'], roles: ['pi'] },
      { token: secrets.other, username: 'other', uid, groups: [], roles: ['pi'] },
      {
        token: secrets.reviewer1,
        username: 'reviewer1',
        uid,
        groups: ['g_epo_reviewers'],
        roles: ['reviewer']
      },
      {
        token: secrets.reviewer2,
        username: 'reviewer2',
        uid,
        groups: ['g_epo_reviewers'],
        roles: ['reviewer']
      },
      {
        token: secrets.operator,
        username: 'operator',
        uid,
        groups: ['g_epo_operators'],
        roles: ['operator']
      }
    ]
  });
  const tokenFile = at('token');
  const token = platform?.token ?? secrets.alien;
  writeFileSync(tokenFile, token, { mode: 0o600 });
  const settings = at('service.json');
  writeSecret(settings, {
    port: place.servicePort,
    public_port: place.publicPort,
    data_dir: at('service'),
    identity: { mode: 'local', tokens_file: at('tokens.json') },
    ...platform?.settings,
    grantee: GRANTEE,
    repositories: [{ label: 'demo', uri: repository }],
    butler_command: [stackPython]
  });

  const service = platform?.origin ?? `http://127.0.0.1:${place.servicePort}`;
  const forHelper = {
    DAF_BUTLER_REPOSITORY_INDEX: index,
    EPO_EXPORT_URL: service,
    EPO_EXPORT_REPOSITORY: 'demo',
    ACCESS_TOKEN: token,
    JUPYTERHUB_USER: 'alien'
  };
  const python = at('python');
  writeProgram(python, 'the stack’s Python, told where this demo is', forHelper, [stackPython]);
  const program = at('epo-export');
  writeProgram(program, 'the service’s own commands', { EPO_EXPORT_CONFIG: settings }, [
    process.execPath,
    join(root, 'service/src/cli.ts')
  ]);

  layOutLab(place, { python, stackPython, tokenFile, service, labToken: secrets.lab });
  return {
    settings,
    python,
    program,
    labToken: secrets.lab,
    labEnvironment: {
      DAF_BUTLER_REPOSITORY_INDEX: index,
      JUPYTERHUB_USER: 'alien',
      JUPYTER_CONFIG_DIR: at('lab', 'config'),
      JUPYTER_CONFIG_PATH: '',
      JUPYTER_DATA_DIR: at('lab', 'data'),
      JUPYTER_PATH: at('lab', 'share', 'jupyter'),
      JUPYTER_RUNTIME_DIR: at('lab', 'runtime'),
      JUPYTERLAB_SETTINGS_DIR: at('lab', 'settings'),
      JUPYTERLAB_WORKSPACES_DIR: at('lab', 'workspaces')
    }
  };
}

interface LabParts {
  readonly python: string;
  readonly stackPython: string;
  readonly tokenFile: string;
  readonly service: string;
  readonly labToken: string;
}

function layOutLab({ root, directory, labPort }: DemoPlace, parts: LabParts): void {
  const at = (...segments: string[]) => join(directory, 'lab', ...segments);
  for (const folder of [
    at('config'),
    at('notebooks'),
    at('share', 'jupyter', 'kernels', 'lsst'),
    at('share', 'jupyter', 'labextensions')
  ]) {
    mkdirSync(folder, { recursive: true });
  }
  const configuration = {
    ServerApp: {
      ip: '127.0.0.1',
      port: labPort,
      port_retries: 0,
      open_browser: false,
      allow_root: true,
      root_dir: at('notebooks'),
      jpserver_extensions: { jupyterlab: true, 'rsp_epo_export.lab': true }
    },
    IdentityProvider: { token: parts.labToken },
    LabApp: {
      extension_manager: 'readonly',
      news_url: null,
      check_for_updates_class: 'jupyterlab.NeverCheckForUpdate'
    },
    // Looking for language servers takes seconds and finds none.
    LanguageServerManager: { autodetect: false },
    EpoExportExtension: {
      butler_command: [parts.stackPython],
      service_url: parts.service,
      token_file: parts.tokenFile
    }
  };
  writeSecret(at('config', 'jupyter_server_config.json'), configuration);
  writeSecret(at('config', 'jupyter_lab_config.json'), configuration);
  writeFileSync(
    at('share', 'jupyter', 'kernels', 'lsst', 'kernel.json'),
    JSON.stringify({
      display_name: 'LSST',
      language: 'python',
      argv: [parts.python, '-m', 'ipykernel_launcher', '-f', '{connection_file}']
    })
  );
  const extension = at('share', 'jupyter', 'labextensions', 'rsp-epo-export');
  rmSync(extension, { recursive: true, force: true });
  symlinkSync(join(root, 'rsp_epo_export', 'labextension'), extension);
}

type Secrets = Readonly<
  Record<'lab' | 'alien' | 'other' | 'reviewer1' | 'reviewer2' | 'operator', string>
>;

function readSecrets(path: string): Secrets {
  const known: unknown = existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : {};
  const kept = new Map(Object.entries(typeof known === 'object' && known !== null ? known : {}));
  const of = (name: string): string => {
    const value: unknown = kept.get(name);
    return typeof value === 'string' ? value : randomBytes(24).toString('hex');
  };
  const secrets: Secrets = {
    lab: of('lab'),
    alien: of('alien'),
    other: of('other'),
    reviewer1: of('reviewer1'),
    reviewer2: of('reviewer2'),
    operator: of('operator')
  };
  writeSecret(path, secrets);
  return secrets;
}

function writeSecret(path: string, content: object): void {
  writeFileSync(path, `${JSON.stringify(content, null, 2)}\n`, { mode: 0o600 });
}

/** A command of the demo's own. */
function writeProgram(
  path: string,
  what: string,
  environment: Readonly<Record<string, string>>,
  command: readonly string[]
): void {
  const lines = [
    '#!/bin/sh',
    `# Of the demo: ${what}.`,
    ...Object.entries(environment).map(([name, value]) => `export ${name}=${quote(value)}`),
    `exec ${command.map(quote).join(' ')} "$@"`,
    ''
  ];
  writeFileSync(path, lines.join('\n'));
  chmodSync(path, 0o700);
}

/** For a POSIX shell. */
function quote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
