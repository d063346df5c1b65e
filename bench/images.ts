/**
 * How fast one process checks images, and what of it is checksums: `node bench/images.ts [COUNT]`.
 *
 * The images are 256×256 RGB with the look of a sky: a smooth background, noise of a few counts, and
 * stars; as PNG about 55 KB, the size that issue and design reckon with.
 */
import { createHash } from 'node:crypto';
import { inflateSync } from 'node:zlib';
import sharp from 'sharp';
import { checkImage } from '../service/src/images/check.ts';
import { quietSharp } from '../service/src/images/sharp-settings.ts';
import { chunk, encode, generator } from '../service/tests/images/png-builder.ts';
import type { Picture } from '../service/tests/images/png-builder.ts';

const SIDE = 256;
/** Enough different images that no cache of the processor holds them all. */
const DIFFERENT = 64;

const count = Number(process.argv[2] ?? 4_000);

function sky(seed: number): Buffer {
  const random = generator(seed);
  const samples = Buffer.alloc(SIDE * SIDE * 3);
  for (let i = 0; i < samples.length; i += 1) {
    samples[i] = 20 + Math.floor(random() * 2.18);
  }
  for (let star = 0; star < 12; star += 1) {
    const [x, y, brightness] = [random() * SIDE, random() * SIDE, 60 + random() * 170];
    for (let i = 0; i < samples.length; i += 1) {
      const dx = (Math.floor(i / 3) % SIDE) - x;
      const dy = Math.floor(i / 3 / SIDE) - y;
      const r = dx * dx + dy * dy;
      if (r < 200) {
        samples[i] = Math.min(255, (samples[i] ?? 0) + brightness * Math.exp(-r / 12));
      }
    }
  }
  return samples;
}

/** The rows as Pillow would filter them, near enough: by the difference to the left. */
function encodeSky(samples: Buffer): Buffer {
  const picture: Picture = { width: SIDE, height: SIDE, colourType: 2, bitDepth: 8, samples };
  return encode({ ...picture, filters: [1] });
}

async function measure(name: string, each: (i: number) => unknown): Promise<void> {
  for (let i = 0; i < count / 10; i += 1) {
    await each(i % DIFFERENT);
  }
  const cpu = process.cpuUsage();
  const start = performance.now();
  for (let i = 0; i < count; i += 1) {
    await each(i % DIFFERENT);
  }
  const seconds = (performance.now() - start) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  const perCore = count / ((user + system) / 1e6);
  const rates = [count / seconds, perCore].map(rate => rate.toFixed(0).padStart(7));
  console.log(`${name.padEnd(40)} ${rates[0]}/s  ${rates[1]}/s of processor time`);
}

quietSharp();
const skies = Array.from({ length: DIFFERENT }, (_, i) => sky(i + 1));
const pngs = skies.map(encodeSky);
const texts = pngs.map(bytes =>
  Buffer.concat([
    bytes.subarray(0, 33),
    chunk('tEXt', Buffer.from('Software\0x')),
    bytes.subarray(33)
  ])
);
const jpegs = await Promise.all(
  skies.map(samples =>
    sharp(samples, { raw: { width: SIDE, height: SIDE, channels: 3 } })
      .jpeg()
      .toBuffer()
  )
);
const at = (buffers: readonly Buffer[], i: number): Buffer => buffers[i] ?? Buffer.alloc(0);
const average = (buffers: readonly Buffer[]): string =>
  `${(buffers.reduce((sum, b) => sum + b.length, 0) / buffers.length / 1000).toFixed(1)} KB`;

for (const bytes of [...pngs, ...texts, ...jpegs]) {
  const result = await checkImage(bytes);
  if (!result.ok) {
    throw new Error(result.reason.msg);
  }
}
console.log(`256×256 RGB; PNG ${average(pngs)}, JPEG ${average(jpegs)}; Node ${process.version}`);
await measure('PNG: checkImage', i => checkImage(at(pngs, i)));
await measure('PNG: checkImage, a text chunk dropped', i => checkImage(at(texts, i)));
await measure('PNG: checkImage and sha256', async i => {
  const result = await checkImage(at(pngs, i));
  return result.ok && createHash('sha256').update(result.clean).digest('hex');
});
const room = { chunkSize: SIDE * (SIDE * 3 + 1) + 1 };
await measure('PNG: inflate alone', i => inflateSync(at(pngs, i).subarray(41, -16), room));
await measure('sha256 alone', i => createHash('sha256').update(at(pngs, i)).digest('hex'));
await measure('JPEG: checkImage', i => checkImage(at(jpegs, i)));
