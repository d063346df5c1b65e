/** How quickly the Butler bridge answers the service's own client. */
import { pino } from 'pino';
import { Type, type Static } from 'typebox';
import Value from 'typebox/value';
import { BridgeClient } from '../service/src/bridge/client.ts';
import { ListEnd, ListPart } from '../service/src/bridge/messages.ts';
import { DATASET_TYPE, RUN, type CutoutSet } from './cutout-set.ts';
import type { Place } from './place.ts';

/** Seconds, but for the pages: milliseconds each. */
export interface BridgeMeasured {
  readonly start: number;
  /** The first request after the start: every dataset with its URI. */
  readonly list: number;
  readonly pages: readonly number[];
}

const PAGE = 100;
const MOST_PAGES = 100;

const Page = Type.Object({
  datasets: Type.Array(Type.Unknown()),
  next: Type.Union([Type.String(), Type.Null()])
});
type Page = Static<typeof Page>;

export async function measureBridge(place: Place, set: CutoutSet): Promise<BridgeMeasured> {
  const command = ['/usr/bin/env', `PYTHONPATH=${place.root}`, place.python];
  const began = performance.now();
  const client = new BridgeClient(command, set.repository, pino({ level: 'silent' }));
  const close = () => client.close();
  place.stopped.addEventListener('abort', close, { once: true });
  try {
    await client.ready();
    const ready = performance.now();
    await listAll(client, set);
    const listed = performance.now();
    return {
      start: (ready - began) / 1000,
      list: (listed - ready) / 1000,
      pages: await turnPages(client)
    };
  } finally {
    place.stopped.removeEventListener('abort', close);
    close();
  }
}

async function listAll(client: BridgeClient, set: CutoutSet): Promise<void> {
  let items = 0;
  await client.call('list', { run: RUN, dataset_type: DATASET_TYPE }, ListEnd, part => {
    if (Value.Check(ListPart, part)) {
      items += part.items.length;
    }
  });
  if (items !== set.count) {
    throw new Error(`The bridge listed ${items} of ${set.count} datasets.`);
  }
}

/** From the first page on, as a panel that scrolls. @returns milliseconds of each */
async function turnPages(client: BridgeClient): Promise<number[]> {
  const milliseconds: number[] = [];
  let page: Page = { datasets: [], next: null };
  do {
    const began = performance.now();
    const params = { run: RUN, dataset_type: DATASET_TYPE, limit: PAGE, after: page.next };
    page = (await client.call('datasets', params, Page)).result;
    milliseconds.push(performance.now() - began);
  } while (page.next !== null && milliseconds.length < MOST_PAGES);
  return milliseconds;
}
