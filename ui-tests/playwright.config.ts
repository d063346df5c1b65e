/**
 * Two projects against one demo, real from end to end; or, where TARGET_URL and TARGET_TOKEN name a JupyterLab, what can
 * be asked of any. `secured` drives the demo's own lab, token and XSRF on, by
 * roles and labels alone, as one could in a deployed lab; `galata` drives a second lab with JupyterLab's own helpers,
 * which need both off.
 */
import { defineConfig, type ReporterDescription } from '@playwright/test';
import { join } from 'node:path';
import {
  chromium,
  CHROMIUM_FLAGS,
  DEMO_DIR,
  FAULTY,
  LAB_PYTHON,
  PORTS,
  REPOSITORY,
  SERVICE,
  STACK,
  TARGET
} from './support/places.ts';
import type { Options } from './support/test.ts';

const report = process.env['REPORT'];
const reporters: ReporterDescription[] = report
  ? [['list'], ['json', { outputFile: report }]]
  : [['list']];

/** Any secret will do: the lab is on loopback, for a few minutes. */
const FAULTY_TOKEN = 'faulty-lab';

/** SIGTERM, so that each program ends those that it started. */
const server = {
  timeout: 300_000,
  reuseExistingServer: false,
  gracefulShutdown: { signal: 'SIGTERM', timeout: 60_000 }
} as const;

/** What needs neither the demo's repository nor a lab that is made to fail. */
const ANYWHERE = 'opening.spec.ts';
if (TARGET && process.env['TEST_WORKER_INDEX'] === undefined) {
  process.stdout.write(
    `Against ${TARGET.base}: ${ANYWHERE} alone; the others need the demo's repository and its faulty labs.\n`
  );
}

export default defineConfig<Options>({
  outputDir: './test-results',
  reporter: reporters,
  workers: 1,
  retries: 0,
  forbidOnly: Boolean(process.env['CI']),
  // Generous: on a busy machine a lab takes its time, and each wait ends with its condition.
  timeout: 180_000,
  expect: { timeout: 45_000 },
  use: {
    launchOptions: { executablePath: chromium(), args: CHROMIUM_FLAGS },
    viewport: { width: 1280, height: 800 },
    permissions: ['clipboard-read', 'clipboard-write'],
    actionTimeout: 45_000,
    navigationTimeout: 90_000,
    video: 'off',
    trace: 'off',
    screenshot: 'only-on-failure'
  },
  projects: TARGET
    ? [{ name: 'target', testDir: './secured', testMatch: ANYWHERE }]
    : [
        {
          name: 'secured',
          testDir: './secured',
          use: { faultyLab: `http://127.0.0.1:${PORTS.faulty}/lab?token=${FAULTY_TOKEN}` }
        },
        {
          name: 'galata',
          testDir: './galata',
          use: { baseURL: `http://127.0.0.1:${PORTS.galata}` }
        }
      ],
  webServer: TARGET
    ? []
    : [
        {
          ...server,
          name: 'demo',
          command: 'node support/fresh.ts && exec node ../demo/run.ts',
          // What it prints as ready becomes UI_DEMO in the environment of the tests.
          wait: { stdout: /READY (?<ui_demo>\{.*\})/ },
          env: {
            DEMO_DIR,
            LAB_PORT: String(PORTS.lab),
            SERVICE_PORT: String(PORTS.service),
            PUBLIC_PORT: String(PORTS.public)
          }
        },
        {
          ...server,
          ...lab('galata', PORTS.galata, 'jupyter_server_test_config.py', {
            UI_SERVICE: SERVICE,
            UI_TOKEN_FILE: join(DEMO_DIR, 'token'),
            UI_BUTLER_PYTHON: join(STACK, 'python')
          })
        },
        {
          ...server,
          ...lab('faulty', PORTS.faulty, 'jupyter_server_faulty_config.py', {
            UI_LAB_TOKEN: FAULTY_TOKEN,
            UI_SERVICE: `http://127.0.0.1:${PORTS.relay}`,
            UI_TOKEN_FILE: FAULTY.token,
            UI_BUTLER_PYTHON: FAULTY.python
          })
        }
      ]
});

/** A lab beside the demo's, started after it: it uses the demo's extension, kernel and index of repositories. */
function lab(name: string, port: number, config: string, environment: Record<string, string>) {
  const directory = join(DEMO_DIR, name);
  return {
    name,
    command: `exec ${LAB_PYTHON} -m jupyterlab --no-browser --config=${config}`,
    url: `http://127.0.0.1:${port}/api`,
    env: {
      ...environment,
      UI_LAB_PORT: String(port),
      DAF_BUTLER_REPOSITORY_INDEX: join(REPOSITORY, 'repositories.yaml'),
      JUPYTERHUB_USER: 'alien',
      JUPYTER_CONFIG_DIR: join(directory, 'config'),
      JUPYTER_CONFIG_PATH: '',
      JUPYTER_DATA_DIR: join(directory, 'data'),
      JUPYTER_PATH: join(DEMO_DIR, 'lab', 'share', 'jupyter'),
      JUPYTER_RUNTIME_DIR: join(directory, 'runtime'),
      JUPYTERLAB_SETTINGS_DIR: join(directory, 'settings'),
      JUPYTERLAB_WORKSPACES_DIR: join(directory, 'workspaces')
    }
  };
}
