/**
 * `make screenshots`: the pictures of the README and the manual, in light and dark, of a demo that it starts itself.
 * Every picture is of a real state: an export runs, ends, and is refused files for what they are.
 */
import { chromium as browsers, expect, type Browser, type Page } from '@playwright/test';
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import sharp from 'sharp';
import { Panel } from './support/panel.ts';
import { chromium, CHROMIUM_FLAGS, DEMO_DIR, PORTS, ROOT } from './support/places.ts';
import { whileHalted } from './support/service-side.ts';

const IMAGES = join(ROOT, 'docs', 'images');
const THEMES = { light: 'JupyterLab Light', dark: 'JupyterLab Dark' } as const;
type Theme = keyof typeof THEMES;

mkdirSync(IMAGES, { recursive: true });
const browser = await browsers.launch({ executablePath: chromium(), args: CHROMIUM_FLAGS });
try {
  for (const theme of ['light', 'dark'] as const) {
    await withDemo(theme, async lab => takeAll(browser, lab, theme));
  }
} finally {
  await browser.close();
}

async function takeAll(browser: Browser, lab: string, theme: Theme): Promise<void> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
  const page = await context.newPage();
  await page.goto(lab);
  await page.locator('#jupyterlab-splash').waitFor({ state: 'detached' });
  const panel = new Panel(page);
  const shot = (name: string) => save(page, name, theme);
  const submit = async (collection: string, subjectSet: string) => {
    await panel.pickAndGrant(collection);
    await panel.draft(subjectSet, 'Galaxies at hand');
    return panel.submit(subjectSet);
  };

  await panel.open();
  await panel.row('u/alien/zooniverse-1').waitFor();
  await widen(page);
  await shot('collections');

  await panel.row('u/alien/zooniverse-1').click();
  await panel.button('Preview u/alien/zooniverse-1').first().click();
  const preview = panel.preview('u/alien/zooniverse-1');
  await preview.isLoaded();
  await panel.button('Grant read access').waitFor();
  await shot('panel');
  await preview.cells.nth(2).click();
  await preview.large.getByText(/pixels$/).waitFor();
  await shot('large-view');
  await page.keyboard.press('Escape');
  await panel.button('Grant read access').click();
  await panel.region.getByText(/EPO may read .* until /).waitFor();
  await shot('granted');

  await panel.draft('Galaxies of the deep field', 'Galaxies at hand');
  const button = panel.button('Submit 320 cutouts');
  await button.waitFor();
  await panel.region.getByRole('heading', { name: '1. What to export' }).scrollIntoViewIfNeeded();
  await shot('submit');
  await button.scrollIntoViewIfNeeded();
  await shot('submit-summary');

  await whileHalted('worker', async () => {
    await panel.submit('Galaxies of the deep field');
    await shot('export-running');
  });
  await panel.card('Galaxies of the deep field').reaches('Published');
  await page.getByRole('button', { name: 'Remove files…' }).waitFor();
  await shot('notifications');
  await closeNotifications(page);
  await shot('export-published');

  const mixed = await submit('u/alien/mixed-1', 'Mixed files');
  await mixed.reaches('Published');
  await closeNotifications(page);
  await mixed.button('Remove your files…').click();
  await mixed.element.getByRole('alertdialog').scrollIntoViewIfNeeded();
  await shot('removal');
  await mixed.button('Keep my files').click();
  await panel.button('Messages (4)').click();
  await panel.button('Messages (4)').scrollIntoViewIfNeeded();
  await shot('messages');
  await panel.button('Messages (4)').click();
  await mixed.button('Show items and image links').click();
  await mixed.element.getByRole('combobox', { name: 'Which items' }).selectOption('4 refused');
  await mixed.element
    .getByText(/FITS file/)
    .last()
    .scrollIntoViewIfNeeded();
  await shot('export-refused');

  await panel.tab('Collections').click();
  await whileHalted('api', async () => {
    await panel.button('Refresh').click();
    await panel.region.getByText('EPO’s export service does not answer').waitFor();
    await shot('service-away');
  });
  await context.close();
}

/** Runs `act` on a demo of its own, whose service knows nothing yet, and ends the demo. */
async function withDemo(theme: Theme, act: (lab: string) => Promise<void>): Promise<void> {
  await ended(spawn(process.execPath, [join(import.meta.dirname, 'support/fresh.ts')]));
  chooseTheme(theme);
  const demo = spawn(process.execPath, [join(ROOT, 'demo/run.ts')], {
    env: {
      ...process.env,
      DEMO_DIR,
      LAB_PORT: String(PORTS.lab),
      SERVICE_PORT: String(PORTS.service),
      PUBLIC_PORT: String(PORTS.public)
    },
    stdio: ['ignore', 'pipe', 'inherit']
  });
  const end = ended(demo);
  try {
    await act(await labOf(demo.stdout, end));
  } finally {
    demo.kill('SIGTERM');
    await end;
  }
}

/** The lab's address, from the line that the demo prints when it is up. */
async function labOf(output: Readable, end: Promise<void>): Promise<string> {
  const line = await new Promise<string>((resolve, reject) => {
    createInterface(output).on('line', text => text.startsWith('READY ') && resolve(text));
    void end.then(() => reject(new Error('The demo ended before it was ready.')));
  });
  const ready: unknown = JSON.parse(line.slice('READY '.length));
  if (typeof ready !== 'object' || ready === null || !('lab' in ready)) {
    throw new Error('The demo did not say where its lab is.');
  }
  return String(ready.lab);
}

async function ended(child: ChildProcess): Promise<void> {
  await new Promise(resolve => child.once('exit', resolve));
}

/** As the user's own setting, so that the lab opens in it. */
function chooseTheme(theme: Theme): void {
  const directory = join(DEMO_DIR, 'lab', 'settings', '@jupyterlab', 'apputils-extension');
  mkdirSync(directory, { recursive: true });
  writeFileSync(
    join(directory, 'themes.jupyterlab-settings'),
    JSON.stringify({ theme: THEMES[theme] })
  );
}

/** Pulls the sidebar to the width that people give it. */
async function widen(page: Page): Promise<void> {
  const box = await page.getByRole('region', { name: 'Export to Zooniverse' }).boundingBox();
  if (box) {
    const edge = box.x + box.width + 1;
    await page.mouse.move(edge, 400);
    await page.mouse.down();
    await page.mouse.move(edge + 90, 400, { steps: 5 });
    await page.mouse.up();
  }
}

/** What is told of an export that ends comes as notifications too, which lie over the cutouts. */
async function closeNotifications(page: Page): Promise<void> {
  const close = page.getByTitle('Hide notification');
  await close.nth(1).waitFor();
  for (let left = await close.count(); left > 0; left -= 1) {
    await close.first().click();
    await expect(close).toHaveCount(left - 1);
  }
}

/** A palette keeps a window full of stars below 300 KB; the eye sees no difference at this size. */
async function save(page: Page, name: string, theme: Theme): Promise<void> {
  const picture = await page.screenshot({ animations: 'disabled' });
  const path = join(IMAGES, theme === 'light' ? `${name}.png` : `${name}-dark.png`);
  await sharp(picture)
    .png({ palette: true, quality: 90, compressionLevel: 9, effort: 10 })
    .toFile(path);
}
