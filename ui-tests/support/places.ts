/** Where the servers of a run are. Everything is on loopback; the ports are high, and the environment moves them. */
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';

export const ROOT = resolve(import.meta.dirname, '../..');

/** `fresh.ts` empties it before each run. */
export const DEMO_DIR = resolve(ROOT, process.env['UI_DEMO_DIR'] ?? '.cache/ui-demo');

const FIRST_PORT = Number(process.env['UI_FIRST_PORT'] ?? 28_840);

export const PORTS = {
  /** The demo's own lab: token and XSRF on. */
  lab: FIRST_PORT,
  service: FIRST_PORT + 1,
  public: FIRST_PORT + 2,
  /** The lab that Galata drives: no token, no XSRF. */
  galata: FIRST_PORT + 3,
  /** A lab whose service, token and Butler the tests break and mend. */
  faulty: FIRST_PORT + 4,
  /** Where the faulty lab looks for the service. Nothing listens there until a test does. */
  relay: FIRST_PORT + 5
} as const;

export const SERVICE = `http://127.0.0.1:${PORTS.service}`;
export const PUBLIC = `http://127.0.0.1:${PORTS.public}`;
export const SERVICE_DATA = join(DEMO_DIR, 'service');
export const REPOSITORY = join(DEMO_DIR, 'repository');
export const STACK = join(ROOT, '.venv/stack/bin');
export const LAB_PYTHON = join(ROOT, '.venv/lab/bin/python');

/** What the faulty lab is given, for a test to change. */
export const FAULTY = {
  directory: join(DEMO_DIR, 'faulty-parts'),
  token: join(DEMO_DIR, 'faulty-parts', 'token'),
  /** The program that the lab takes for the Python with the Butler. */
  python: join(DEMO_DIR, 'faulty-parts', 'python')
} as const;

/**
 * The browser. Playwright's own is not downloaded: a checkout needs nothing from elsewhere than its registries.
 *
 * @throws Error that says what to install
 */
export function chromium(): string {
  const path = process.env['CHROMIUM_PATH'] ?? '/usr/bin/chromium';
  if (!existsSync(path)) {
    throw new Error(
      `The browser tests need Chromium, and there is none at ${path}. Install it (Debian: apt-get install chromium), or set CHROMIUM_PATH to its program.`
    );
  }
  return path;
}

/** What lets Debian's Chromium run as root, without a display and without calling home. */
export const CHROMIUM_FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync'
];

/** A JupyterLab that runs already, such as `https://nb.example.org/user/alien`, and the token that opens it. */
export const TARGET = targetOf(process.env['TARGET_URL'], process.env['TARGET_TOKEN']);

function targetOf(url: string | undefined, token: string | undefined) {
  if (!url) {
    return undefined;
  }
  if (!token) {
    throw new Error('TARGET_URL needs TARGET_TOKEN, the token of that lab.');
  }
  const { origin, pathname } = new URL(url);
  return { origin, base: `${origin}${pathname.replace(/\/+$/, '')}`, token };
}
