/** What the stand-ins share: a server on a free port of this machine, and answers in JSON. */
import type { Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export async function listening(server: Server): Promise<Server> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  return server;
}

export async function closed(server: Server): Promise<void> {
  const ended = new Promise(resolve => server.close(resolve));
  server.closeAllConnections();
  await ended;
}

export function portOf(server: Server): number {
  return (server.address() as AddressInfo).port; // a TCP server's
}

export function json(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Record<string, string> = {}
): void {
  response
    .writeHead(status, { ...headers, 'content-type': 'application/json' })
    .end(JSON.stringify(body));
}
