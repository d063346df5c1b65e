/**
 * `make demo`: a JupyterLab, the export service with its PostgreSQL, and a Butler repository cut from a real image, on
 * loopback. A second run uses what the first one made. Ends with all it started on Ctrl-C or SIGTERM.
 */
import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { layOut, type DemoPlace } from './lay-out.ts';
import { startPlatform, type Platform } from './platform.ts';
import { isPortFree, Processes } from './processes.ts';

const root = resolve(import.meta.dirname, '..');
const place: DemoPlace = {
  root,
  directory: resolve(root, process.env['DEMO_DIR'] ?? '.demo'),
  labPort: port('LAB_PORT', 8888),
  servicePort: port('SERVICE_PORT', 8080),
  publicPort: port('PUBLIC_PORT', port('SERVICE_PORT', 8080) + 1)
};

let platform: Platform | undefined;
const processes = new Processes(join(place.directory, 'logs'));
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => void end(0));
}

try {
  await start();
} catch (error) {
  process.stderr.write(`demo: ${error instanceof Error ? error.message : String(error)}\n`);
  await end(1);
}

async function start(): Promise<void> {
  await requireFreePorts();
  mkdirSync(join(place.directory, 'logs'), { recursive: true });
  say('Cutting galaxies out of the Hubble Deep Field into a Butler repository (once) …');
  await processes.finish('repository', join(root, '.venv/stack/bin/python'), [
    join(root, 'demo/make_repository.py'),
    '--output',
    join(place.directory, 'repository')
  ]);
  if (onStandIns()) {
    platform = await startPlatform(place);
  }
  const demo = layOut(place, platform);
  say('Starting the export service and JupyterLab …');
  processes.keep(
    'service',
    process.execPath,
    [join(root, 'service/src/cli.ts'), '--config', demo.settings, 'serve'],
    {}
  );
  processes.keep(
    'lab',
    join(root, '.venv/lab/bin/python'),
    ['-m', 'jupyterlab', '--no-browser'],
    demo.labEnvironment
  );
  const service = `http://127.0.0.1:${place.servicePort}`;
  const lab = `http://127.0.0.1:${place.labPort}`;
  await processes.whenAnswers('service', `${service}/`);
  await processes.whenAnswers('lab', `${lab}/api`);
  const ready = {
    lab: `${lab}/lab?token=${demo.labToken}`,
    service: platform?.origin ?? service,
    public: `http://127.0.0.1:${place.publicPort}`,
    repository: join(place.directory, 'repository'),
    user: 'alien',
    python: demo.python,
    program: demo.program
  };
  process.stdout.write(`READY ${JSON.stringify(ready)}\n`);
  say(`Open ${ready.lab}  (the box with the eye, at the left; Ctrl-C ends the demo)`);
  if (platform) {
    say(
      `Exports are held here. Decide: ${demo.program} decide ID --approve --why '…' --by operator`
    );
  }
  const died = await processes.whenOneDies();
  if (processes.isStopping) {
    return; // we ended it ourselves
  }
  throw new Error(`${died} ended by itself; its log is in ${join(place.directory, 'logs')}.`);
}

async function requireFreePorts(): Promise<void> {
  const wanted = {
    LAB_PORT: place.labPort,
    SERVICE_PORT: place.servicePort,
    PUBLIC_PORT: place.publicPort
  };
  for (const [name, number] of Object.entries(wanted)) {
    if (!(await isPortFree(number))) {
      throw new Error(
        `Port ${number} is in use. Is another demo running? Else choose another one: make demo ${name}=…`
      );
    }
  }
}

async function end(status: number): Promise<never> {
  await processes.stopAll();
  await platform?.close();
  process.exit(status);
}

/** Whether the service is to be as on the RSP, among stand-ins of its other services. */
function onStandIns(): boolean {
  const wanted = process.env['PLATFORM'] ?? '';
  if (wanted !== '' && wanted !== 'stand-ins') {
    throw new Error(`PLATFORM may be "stand-ins", and is “${wanted}”.`);
  }
  return wanted === 'stand-ins';
}

function port(name: string, fallback: number): number {
  const text = process.env[name];
  const number = text === undefined ? fallback : Number(text);
  if (!Number.isInteger(number) || number < 1 || number > 65535) {
    process.stderr.write(`demo: ${name} must be a port number, and is “${text}”.\n`);
    process.exit(1);
  }
  return number;
}

/** Progress goes to stderr, so that a program which reads our output finds the READY line alone. */
function say(text: string): void {
  process.stderr.write(`${text}\n`);
}
