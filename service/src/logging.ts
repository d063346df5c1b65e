/**
 * The log: one JSON object a line on stdout, in the fields that the platform reads (`severity`, `event`, `user`).
 * No secret leaves by it, wherever in a line it stands.
 */
import { pino, type DestinationStream, type Logger } from 'pino';
import type { Settings } from './config.ts';

/** Google Cloud's names (LogEntry.LogSeverity), by which the platform filters. */
const SEVERITIES: Readonly<Record<string, string>> = {
  trace: 'DEBUG',
  debug: 'DEBUG',
  info: 'INFO',
  warn: 'WARNING',
  error: 'ERROR',
  fatal: 'CRITICAL'
};

/**
 * @param process - which part of the service writes: `api`, `worker`, …
 * @param destination - stdout, unless a test reads along
 */
export function makeLogger(
  process: string,
  level: Settings['log_level'],
  destination?: DestinationStream
): Logger {
  return pino(
    {
      level,
      base: { process },
      messageKey: 'event',
      formatters: { level: label => ({ severity: SEVERITIES[label] ?? label.toUpperCase() }) },
      timestamp: pino.stdTimeFunctions.isoTime,
      serializers: { req: requestLine },
      hooks: { streamWrite: withoutSecrets }
    },
    destination ?? pino.destination(1)
  );
}

/** Values of these keys, at any depth of a line; `\\.` keeps an escaped quote inside the value. */
const SECRET_KEYS =
  /"((?:proxy-)?authorization|(?:set-)?cookie|x-auth-request-token|token|password)":"(?:[^"\\]|\\.)*"/gi;
/** Gafaelfawr's tokens: `gt-<key>.<secret>`, 22 characters each (gafaelfawr:src/gafaelfawr/models/token.py). */
const TOKEN = /\bgt-[\w-]{22}(?:\.[\w-]{22})?/g;
const BEARER = /\bBearer\s+[^\s"\\]+/gi;
const URL_PASSWORD = /([a-z][a-z0-9+.-]*:\/\/[^\s:/@"\\]*):[^\s@"\\/?#]+@/gi;

/** @returns `text` with every token and password in it blotted out */
export function withoutSecrets(text: string): string {
  return text
    .replace(SECRET_KEYS, '"$1":"[secret]"')
    .replace(BEARER, 'Bearer [secret]')
    .replace(TOKEN, '[secret]')
    .replace(URL_PASSWORD, '$1:[secret]@');
}

/** Method and path. A query or a header may hold what somebody took for the place of a token. */
function requestLine(request: { method: string; url: string }): { method: string; path: string } {
  return { method: request.method, path: request.url.split('?')[0] ?? '' };
}
