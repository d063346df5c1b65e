#!/usr/bin/env node
/** `epo-export`: one program, of which each process of the service is a command. */
import { realpathSync } from 'node:fs';
import type { Server } from 'node:http';
import { fileURLToPath } from 'node:url';
import { Command, Option } from 'commander';
import { loadSettings, SettingsError, type Settings } from './config.ts';
import { migrate } from './database/migrate.ts';
import { decideByCommand, type DecideOptions } from './exports/decide-command.ts';
import { statesPage } from './exports/diagram.ts';
import { makeApi, makeWorker } from './factory.ts';
import { openApiDocument } from './http/contract.ts';
import { makeLogger, withoutSecrets } from './logging.ts';
import { serve } from './supervisor/serve.ts';
import { VERSION } from './version.ts';

const program = new Command('epo-export')
  .description(
    'The EPO export service: from Butler collections to public URLs with a Zooniverse manifest.'
  )
  .version(VERSION)
  .option(
    '-c, --config <file>',
    'the settings file (or EPO_EXPORT_CONFIG)',
    process.env['EPO_EXPORT_CONFIG']
  )
  .showHelpAfterError();

program
  .command('serve')
  .description(
    'run everything on this machine: PostgreSQL (unless DATABASE_URL names one), API, public server and worker'
  )
  .action(async () => {
    const { settings, path, logger } = setUp('supervisor');
    await serve(
      settings,
      { program: fileURLToPath(import.meta.url), settingsPath: path },
      logger,
      stopSignal(),
      () =>
        logger.info(
          { service: `http://${settings.host}:${settings.port}`, public: settings.public_url },
          'ready'
        )
    );
  });

program
  .command('api')
  .description('run the API and the public server, with the database at DATABASE_URL')
  .action(async () => {
    const { settings, logger } = setUp('api');
    const stopped = stopSignal();
    const parts = await makeApi(settings, databaseUrl(settings), logger);
    await parts.api.listen({ host: settings.host, port: settings.port });
    await listen(parts.publicDoor, settings.public_port, settings.public_host);
    if (settings.internal) {
      await listen(parts.internal, settings.internal.api_port, settings.internal.host);
    }
    await untilStopped(stopped, parts);
  });

program
  .command('worker')
  .description('run a worker, with the database at DATABASE_URL; as many as you like')
  .action(async () => {
    const { settings, logger } = setUp('worker');
    const stopped = stopSignal();
    const parts = await makeWorker(settings, databaseUrl(settings), logger);
    await parts.worker.start();
    if (settings.internal) {
      await listen(parts.internal, settings.internal.worker_port, settings.internal.host);
    }
    process.on('SIGUSR2', () => logger.info({ cpu_seconds: parts.clock.seconds }, 'stages'));
    await untilStopped(stopped, parts);
  });

program
  .command('decide')
  .description(
    'approve or reject an export that is held; who decided and why goes into the audit trail'
  )
  .argument('<export>', 'its id')
  .addOption(new Option('--approve', 'publish it').conflicts('reject'))
  .addOption(new Option('--reject', 'end it, and delete what was retrieved; its PI reads why'))
  .requiredOption('--why <reason>', 'in a sentence')
  .option('--by <username>', 'who decides, by the name on the RSP (default: who runs this)')
  .action(async (id: string, options: DecideOptions) => {
    const { settings, logger } = setUp('decide');
    process.stdout.write(`${await decideByCommand(settings, id, options, logger)}\n`);
  });

program
  .command('migrate')
  .description(
    'bring the database at DATABASE_OWNER_URL (as its owner) to this version, for the role of DATABASE_URL'
  )
  .action(async () => {
    const { settings } = setUp('migrate');
    if (!settings.database_owner_url) {
      throw new SettingsError(
        'Setting /database_owner_url (DATABASE_OWNER_URL): migrations need the owner role.'
      );
    }
    await migrate(settings.database_owner_url, new URL(databaseUrl(settings)).username);
  });

program
  .command('openapi')
  .description('print the OpenAPI document')
  .action(async () => {
    process.stdout.write(await openApiDocument());
  });

program
  .command('states')
  .description('print the page of the manual that shows the states of an export')
  .action(() => {
    process.stdout.write(statesPage());
  });

await program.parseAsync().catch((error: unknown) => {
  const text =
    error instanceof SettingsError
      ? error.message
      : error instanceof Error
        ? (error.stack ?? error.message)
        : String(error);
  process.stderr.write(withoutSecrets(`epo-export: ${text}\n`));
  process.exit(1);
});

function setUp(name: string) {
  const { config } = program.opts<{ config?: string }>();
  if (!config) {
    throw new SettingsError('Name the settings file: --config FILE, or EPO_EXPORT_CONFIG.');
  }
  const path = realpathSync(config);
  const settings = loadSettings(path);
  return { settings, path, logger: makeLogger(name, settings.log_level) };
}

function databaseUrl({ database_url }: Settings): string {
  if (!database_url) {
    throw new SettingsError('Setting /database_url (DATABASE_URL): this command needs a database.');
  }
  return database_url;
}

/** Ctrl-C, SIGTERM, and the end of a supervisor, however it came. */
function stopSignal(): AbortSignal {
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => stop.abort());
  }
  process.on('disconnect', () => stop.abort());
  return stop.signal;
}

async function listen(server: Server, port: number, host: string): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
}

async function untilStopped(
  stopped: AbortSignal,
  parts: { close(): Promise<void> }
): Promise<void> {
  process.send?.('ready');
  if (!stopped.aborted) {
    await new Promise(resolve => stopped.addEventListener('abort', resolve, { once: true }));
  }
  await parts.close();
  process.exit(0);
}
