/**
 * `node service/stand-ins/run.ts SERVICE_PORT UID`: Gafaelfawr, its ingress before a service on that port of this
 * machine, and Semaphore, for tests in other languages. Prints one line of JSON, does what lines of standard input say
 * (`revoke TOKEN`, `unscope USER`, `limit SECONDS`; each is answered by `done`), and ends with it.
 */
import { createInterface } from 'node:readline/promises';
import { GafaelfawrStandIn, IngressStandIn } from './gafaelfawr.ts';
import { SemaphoreStandIn } from './semaphore.ts';

const [port, uid] = process.argv.slice(2).map(Number);
if (!port || !uid) {
  throw new Error('usage: run.ts SERVICE_PORT UID');
}
const gafaelfawr = await GafaelfawrStandIn.start();
gafaelfawr.know({ username: 'alien', uid, groups: [{ name: 'g_aliens', id: 5001 }] });
gafaelfawr.know({ username: 'other', uid: uid + 1, groups: [] });
gafaelfawr.know({ username: 'bot-dashboard', uid: uid + 2, groups: [] });
const ingress = await IngressStandIn.start(gafaelfawr, `http://127.0.0.1:${port}`, 'epo-export');
const bot = gafaelfawr.issue({ username: 'bot-epo-export', token_type: 'service' });
const semaphore = await SemaphoreStandIn.start(new Map([[bot, 'bot-epo-export']]));

const tokenOf = (username: string) => gafaelfawr.issue({ username, token_type: 'user' });
process.stdout.write(
  `${JSON.stringify({
    gafaelfawr: gafaelfawr.url,
    ingress: ingress.url,
    semaphore: semaphore.url,
    semaphore_token: bot,
    tokens: {
      alien: tokenOf('alien'),
      other: tokenOf('other'),
      'bot-dashboard': tokenOf('bot-dashboard')
    }
  })}\n`
);

for await (const line of createInterface(process.stdin)) {
  const [order, what = ''] = line.split(' ');
  switch (order) {
    case 'revoke':
      gafaelfawr.revoke(what);
      break;
    case 'unscope':
      ingress.unscoped.add(what);
      break;
    case 'limit':
      ingress.limitedUntil = Date.now() + Number(what) * 1000;
      break;
    default:
      throw new Error(`There is no order “${line}”.`);
  }
  process.stdout.write('done\n');
}
await Promise.all([ingress.close(), semaphore.close(), gafaelfawr.close()]);
