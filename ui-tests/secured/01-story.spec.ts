/** The first story of all, told from a newcomer's first sight of the panel to the public's. It runs first. */
import { readFile } from 'node:fs/promises';
import { comparePixels, retrieveArtifacts } from '../support/butler.ts';
import { readCsv } from '../support/csv.ts';
import { notHidden, save } from '../support/public-side.ts';
import { watchQuarantine } from '../support/service-side.ts';
import { expect, test } from '../support/test.ts';

const COLLECTION = 'u/alien/zooniverse-1';
const GUESSES = [
  '/',
  '/manifest.csv',
  '/index.json',
  '/quarantine/',
  '/u/alien/zooniverse-1/',
  '/..%2fquarantine/',
  '/../service.json',
  '/%2e%2e/%2e%2e/etc/passwd',
  '/epo-export/v1/exports',
  `/${'0'.repeat(32)}/manifest.csv`,
  `/${'0'.repeat(32)}/${'0'.repeat(32)}.png`
];

test('a PI looks at a collection, grants access, submits it, and the public gets the same pixels', async ({
  panel
}, info) => {
  const { page, region } = panel;

  await test.step('a newcomer is told how it goes, and has no exports', async () => {
    await expect(region.getByRole('complementary', { name: 'How it works' })).toBeVisible();
    await panel.tab('Exports').click();
    await expect(region.getByText('No exports yet.')).toBeVisible();
    await panel.button('Choose collections').click();
  });

  await test.step('grant read access for a week', async () => {
    await panel.row(COLLECTION).click();
    await expect(
      region.getByText(/lets its service account \(bot-epo-export\) read/)
    ).toBeVisible();
    await region.getByRole('combobox', { name: 'How long EPO may read' }).selectOption('7 days');
    await panel.button('Grant read access').click();
    const inAWeek = await page.evaluate(() =>
      new Date(Date.now() + 7 * 86_400_000).toLocaleDateString(undefined, {
        day: 'numeric',
        month: 'long',
        year: 'numeric'
      })
    );
    await expect(region.getByText(`EPO may read ${COLLECTION} until ${inAWeek}.`)).toBeVisible();
    await expect(region.getByText(/^Enforced by/)).toBeVisible();
  });

  await test.step('a summary tells what would be taken, before the click', async () => {
    await panel.button('Continue to Submit').click();
    await region.getByRole('textbox', { name: 'Name of the new project' }).fill('Galaxies at hand');
    await panel.button('Create project').click();
    await expect(region.getByRole('combobox', { name: 'Project' })).toContainText(
      'Galaxies at hand'
    );
    await expect(region.getByRole('combobox', { name: 'Dataset type' })).toHaveValue(
      'zooniverse_cutout'
    );
    await expect(region.getByRole('list', { name: 'Chosen columns' })).toBeHidden();
    await region.getByRole('textbox', { name: 'Subject set' }).fill('First light');
    await expect(region.getByText('320 cutouts from 1 run')).toBeVisible();
  });

  const quarantine = watchQuarantine();
  const card = await panel.submit('First light');
  await card.reaches('Published');
  const held = await quarantine.stop();

  await test.step('the export says that all was published', async () => {
    await expect(card.count('published')).toContainText('320');
    await expect(card.count('refused')).toBeHidden();
    await expect(card.element.getByText('every file was read back and compared')).toBeVisible();
  });

  const manifestUrl = await card.manifestUrl();
  const manifest = readCsv(await (await fetch(manifestUrl)).text());
  const urls = manifest.map(row => row.get('location:image_0') ?? '');

  await test.step('the manifest has a row for each, and no column that nobody chose', async () => {
    expect(manifest).toHaveLength(320);
    expect([...(manifest[0]?.keys() ?? [])]).toEqual(['external_id', 'location:image_0']);
    expect(new Set(urls).size).toBe(320);
  });

  await test.step('an image opens at its public address', async () => {
    await card.button('Show items and image links').click();
    const link = card.element.getByRole('link', { name: 'image' }).first();
    const opening = page.waitForEvent('popup');
    await link.click();
    const image = await opening;
    await expect(image.getByRole('img')).toHaveJSProperty('naturalWidth', 128);
    expect(urls).toContain(image.url());
    await image.close();
  });

  await test.step('every published file decodes to the pixels that the Butler gives', async () => {
    const crosswalk = await card.download('Crosswalk (CSV)');
    const published = info.outputPath('published');
    const retrieved = info.outputPath('retrieved');
    await save(urls, published);
    await retrieveArtifacts(COLLECTION, 'zooniverse_cutout', retrieved);
    expect(await comparePixels(published, retrieved, crosswalk)).toEqual({
      equal: 320,
      different: []
    });

    const prefix = new URL(manifestUrl).pathname.split('/')[1] ?? '';
    const datasets = readCsv(await readFile(crosswalk, 'utf8')).map(
      row => row.get('dataset_id') ?? ''
    );
    const guesses = datasets.flatMap(id => [`/${prefix}/${id}`, `/${prefix}/${id}.png`]);
    expect(
      await notHidden([...GUESSES, `/${prefix}/`, `/${prefix}/index.json`, ...guesses])
    ).toEqual([]);
  });

  await test.step('what was in quarantine answers to no name', async () => {
    expect(held.size).toBeGreaterThan(0);
    const paths = [...held].flatMap(key => [`/${key}`, `/quarantine/${key}`]);
    expect(await notHidden(paths)).toEqual([]);
  });
});
