import sharp from 'sharp';

/**
 * Keeps sharp to one thread and no cache, for a process whose work is to check one image after
 * another: the cores are shared out by processes, and no image should outlive its check.
 */
export function quietSharp(): void {
  sharp.concurrency(1);
  sharp.cache(false);
}
