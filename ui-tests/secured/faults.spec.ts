/** What the panel says while something is broken, and that it goes on once it is mended. Nothing is pretended. */
import { butlerOf, startRelay, tokenOf } from '../support/faulty.ts';
import { Panel } from '../support/panel.ts';
import { expect, openLab, test } from '../support/test.ts';

test.beforeEach(async () => {
  butlerOf('stack');
  await tokenOf('alien');
});

// The first here: a Butler that runs is not looked for again.
test('a lab without the Butler says so', async ({ page, faultyLab }, info) => {
  const relay = await startRelay();
  try {
    butlerOf('lab');
    await openLab(page, faultyLab, info);
    const panel = new Panel(page);
    await panel.open();
    const alert = panel.region.getByRole('alert');
    await expect(alert).toContainText('The Butler was not found');
    await expect(alert).toContainText('butler_command');
    butlerOf('stack');
    // A failure stands for some seconds, since asking again is a new process.
    await expect(async () => {
      await alert.getByRole('button', { name: 'Try again' }).click({ timeout: 5000 });
      await expect(panel.row('u/alien/zooniverse-1')).toBeVisible({ timeout: 5000 });
    }).toPass({ timeout: 120_000 });
  } finally {
    await relay.stop();
  }
});

test('a stopped service is told, previews go on, and the panel recovers', async ({
  page,
  faultyLab
}, info) => {
  await openLab(page, faultyLab, info);
  const panel = new Panel(page);
  await panel.open();
  const alert = panel.region.getByRole('alert');
  await expect(alert).toContainText('EPO’s export service does not answer');
  await panel.button('Preview u/alien/zooniverse-1').click();
  await panel.preview('u/alien/zooniverse-1').isLoaded();
  await expect(panel.row('u/alien/zooniverse-1')).toBeDisabled();
  await panel.row('u/alien/zooniverse-1').click({ force: true });
  await expect(panel.row('u/alien/zooniverse-1')).not.toBeChecked();

  let relay = await startRelay();
  try {
    await alert.getByRole('button', { name: 'Try again' }).click();
    await expect(alert).toBeHidden();
    await panel.row('u/alien/zooniverse-1').click();
    await expect(panel.row('u/alien/zooniverse-1')).toBeChecked();

    await relay.stop();
    await panel.button('Refresh').click();
    await expect(alert.first()).toContainText('EPO’s export service does not answer');
    relay = await startRelay();
    await alert.first().getByRole('button', { name: 'Try again' }).click();
    await expect(alert).toBeHidden();
    await expect(panel.row('u/alien/zooniverse-1')).toBeChecked();
  } finally {
    await relay.stop();
  }
});

test('a token that EPO does not accept is told, with what to do', async ({
  page,
  faultyLab
}, info) => {
  const relay = await startRelay();
  try {
    await tokenOf('nobody');
    await openLab(page, faultyLab, info);
    const panel = new Panel(page);
    await panel.open();
    const alert = panel.region.getByRole('alert');
    await expect(alert).toContainText('Your RSP login was not accepted');
    await expect(alert).toContainText('stop your lab and start it again');
    await expect(alert).not.toContainText('gt-expired');
    await tokenOf('alien');
    await alert.getByRole('button', { name: 'Try again' }).click();
    await expect(alert).toBeHidden();
  } finally {
    await relay.stop();
  }
});
