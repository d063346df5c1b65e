/** The panel as a PI lives it: the whole of it, over a lab that is a table of answers. */
import { render, screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import * as React from 'react';
import { ExportModel } from '../model/model';
import { PanelView } from '../widgets/PanelView';
import {
  COLLECTING,
  COLLECTIONS,
  EXPORT,
  FAILED,
  GRANT,
  item,
  PREFLIGHT,
  PROJECT,
  PUBLISHED,
  STATUS,
  WORKING
} from './support/answers';
import { FakeLab, held, problem, type Answers } from './support/fake-lab';

let model: ExportModel | undefined;

afterEach(() => {
  model?.dispose();
});

function show(answers: Answers = {}) {
  const lab = new FakeLab({ ...WORKING, ...answers });
  const host = { openPreview: jest.fn(), saveFile: jest.fn() };
  const made = new ExportModel({ serverSettings: lab.settings });
  model = made;
  void made.connect();
  render(<PanelView model={made} host={host} />);
  return { lab, host, model: made, user: userEvent.setup() };
}

const button = (name: string | RegExp) => screen.findByRole('button', { name });
const row = (name: RegExp) => screen.findByRole('treeitem', { name });
const tab = (name: RegExp) => screen.findByRole('tab', { name });

async function pickZooniverse(answers: Answers = {}) {
  const shown = show(answers);
  await shown.user.click(await row(/zooniverse-1/));
  return shown;
}

async function openSubmit(answers: Answers = {}) {
  const shown = await pickZooniverse({ 'GET service/grants': { grants: [GRANT] }, ...answers });
  await shown.user.click(await button('Continue to Submit'));
  return shown;
}

async function openExports(exports: readonly object[], answers: Answers = {}) {
  const shown = show({ 'GET service/exports': { exports, next_cursor: null }, ...answers });
  await shown.user.click(await tab(/Exports/));
  return shown;
}

describe('the whole way', () => {
  it('leads from a collection to its public manifest', async () => {
    const { lab, user } = show({ 'POST service/grants': GRANT });
    expect(await screen.findByText('From your collection to a Zooniverse project')).toBeVisible();

    await user.click(await row(/zooniverse-1/));
    expect(screen.getByText(/EPO may not read u\/alien\/zooniverse-1/)).toHaveTextContent(
      'its service account (bot-epo-export)'
    );
    await user.selectOptions(screen.getByLabelText('How long EPO may read'), '90 days');
    await user.click(await button('Grant read access'));
    expect(await screen.findByText(/^EPO may read u\/alien\/zooniverse-1 until/)).toHaveTextContent(
      'refuses to read without it; your file permissions are unchanged'
    );
    expect(lab.asked('POST service/grants')[0]?.body).toMatchObject({ expires_in_days: 90 });

    await user.click(await button('Continue to Submit'));
    await user.selectOptions(await screen.findByLabelText('Project'), 'Galaxy Hunters');
    lab.change({ 'GET service/exports': { exports: [COLLECTING], next_cursor: null } });
    await user.click(await button('Submit 312 cutouts'));

    const bar = await screen.findByRole('progressbar', { name: 'Checked 200 of 312' });
    expect(bar).toHaveAttribute('aria-valuenow', '200');
    lab.change({ 'GET service/exports': { exports: [PUBLISHED], next_cursor: null } });
    await user.click(await button('Refresh'));
    expect(await screen.findByRole('link', { name: 'Zooniverse manifest' })).toHaveAttribute(
      'href',
      PUBLISHED.manifest_url
    );
  });
});

describe('what is missing', () => {
  it.each<[string, Answers, string]>([
    [
      'the server extension',
      { 'GET status': () => new Response('{"message": "Not Found"}', { status: 404 }) },
      'The server part of this extension is missing'
    ],
    [
      'the Butler',
      {
        'GET status': {
          ...STATUS,
          butler: { ok: false, error: { type: 'butler_missing', msg: 'None found.' } }
        }
      },
      'The Butler was not found'
    ],
    [
      'the service',
      {
        'GET status': {
          ...STATUS,
          service: { ok: false, url: null, error: { type: 'service_unreachable', msg: 'None.' } }
        }
      },
      'EPO’s export service does not answer'
    ],
    [
      'the login',
      { 'GET service/me': () => problem(502, 'token_rejected', 'Refused.') },
      'Your RSP login was not accepted'
    ]
  ])('%s: is explained, and a retry goes on', async (_what, answers, title) => {
    const { lab, user } = show(answers);
    expect(await screen.findByRole('alert')).toHaveTextContent(title);
    lab.change(WORKING);
    await user.click(await button('Try again'));
    await row(/zooniverse-1/);
    expect(screen.queryByRole('alert')).toBeNull();
  });

  it('the Butler does not keep the PI from following exports', async () => {
    const error = { type: 'butler_missing', msg: 'None found.' };
    const { user } = show({
      'GET status': { ...STATUS, butler: { ok: false, error } },
      'GET butler/repositories': () => problem(503, 'butler_missing', 'None found.'),
      'GET service/exports': { exports: [PUBLISHED], next_cursor: null }
    });
    await user.click(await tab(/Exports/));
    expect(await screen.findByRole('button', { name: /zooniverse-1/ })).toBeVisible();
  });

  it('the service does not keep the PI from looking', async () => {
    const error = { type: 'service_unreachable', msg: 'No connection.' };
    const { host, user } = show({
      'GET status': { ...STATUS, service: { ok: false, url: null, error } }
    });
    await user.click(await row(/^Other people/));
    await user.click(await button('Preview u/other/private-1'));
    expect(host.openPreview).toHaveBeenCalledWith({
      repository: 'demo',
      pick: { name: 'u/other/private-1', kind: 'run' }
    });
  });

  it('a repository is said to be, where the lab knows none', async () => {
    show({ 'GET butler/repositories': { repositories: [] } });
    expect(await screen.findByText(/Your lab knows no Butler repository/)).toBeVisible();
  });

  it('a slow Butler is said to be starting', async () => {
    const slow = held({ collections: COLLECTIONS });
    show({ 'GET butler/collections': slow.answer });
    expect(await screen.findByText(/takes a few seconds to start/)).toBeVisible();
    slow.release();
    await row(/zooniverse-1/);
  });
});

describe('a grant', () => {
  it('is revoked only after a question, and Escape answers no', async () => {
    const { lab, user } = await pickZooniverse({
      'GET service/grants': { grants: [GRANT] },
      [`DELETE service/grants/${GRANT.id}`]: { ...GRANT, state: 'revoked', revoked: GRANT.created }
    });
    const revoke = 'Revoke EPO’s access to u/alien/zooniverse-1';
    await user.click(await button(revoke));
    expect(screen.getByRole('alertdialog')).toHaveTextContent(
      'What is public already stays public'
    );
    expect(await button('Keep it')).toHaveFocus();
    await user.keyboard('{Escape}');
    expect(lab.asked(`DELETE service/grants/${GRANT.id}`)).toEqual([]);

    await user.click(await button(revoke));
    await user.click(await button('Revoke access'));
    expect(
      await screen.findByText('The last grant of u/alien/zooniverse-1 was revoked.')
    ).toBeVisible();
  });

  it('says what enforces it where file permissions do', async () => {
    await pickZooniverse({
      'GET service/grants': { grants: [{ ...GRANT, enforcement: 'file_permissions' }] }
    });
    expect(await screen.findByText(/Enforced by file permissions too/)).toBeVisible();
  });

  it('that the service refuses is told in the service’s words', async () => {
    const { user } = await pickZooniverse({
      'POST service/grants': () => problem(403, 'not_yours', 'u/alien belongs to someone else now.')
    });
    await user.click(await button('Grant read access'));
    expect(await screen.findByRole('alert')).toHaveTextContent(
      'u/alien belongs to someone else now.'
    );
  });
});

describe('the submission', () => {
  it('says what is missing, and cannot be sent before', async () => {
    const { lab, user } = await openSubmit({ 'GET service/grants': { grants: [] } });
    const submit = await button(/^Submit/);
    expect(submit).toHaveAttribute('aria-disabled', 'true');
    expect(submit).toHaveAccessibleDescription(
      /let EPO read what you picked.*choose or create a project/
    );
    await user.click(submit);
    expect(lab.asked('POST service/exports')).toEqual([]);
  });

  it('makes nothing public but the images, unless the PI names it', async () => {
    const { lab, user } = await openSubmit();
    expect(await screen.findByText(/None: only the images become public/)).toBeVisible();
    await user.type(screen.getByLabelText('Public metadata columns'), 'a:b{Enter}');
    expect(screen.getByText(/cannot read a column with a colon/)).toBeVisible();
    await user.clear(screen.getByLabelText('Public metadata columns'));
    await user.type(screen.getByLabelText('Public metadata columns'), 'ra{Enter}');
    await user.click(await button('Publish htm20'));
    expect(screen.getByText(/gives every column to anyone who asks/)).toBeVisible();
    await user.selectOptions(screen.getByLabelText('Project'), 'Galaxy Hunters');
    await user.click(await button('Submit 312 cutouts'));
    await waitFor(() =>
      expect(lab.asked('POST service/exports')[0]?.body).toMatchObject({
        metadata_columns: ['ra', 'htm20']
      })
    );
  });

  it('makes a project in place, and chooses it', async () => {
    const { lab, user } = await openSubmit({
      'GET service/projects': { projects: [] },
      'POST service/projects': { ...PROJECT, status: 'pending' }
    });
    await user.type(await screen.findByLabelText('Name of the new project'), 'Galaxy Hunters');
    await user.type(screen.getByLabelText('Co-investigators'), 'bea, carl bea{Enter}');
    expect(await screen.findByText(/EPO has not approved this project yet/)).toBeVisible();
    expect(lab.asked('POST service/projects')[0]?.body).toEqual({
      name: 'Galaxy Hunters',
      members: ['bea', 'carl']
    });
    expect(screen.getByLabelText('Project')).toHaveDisplayValue('Galaxy Hunters');
  });

  it('shows beforehand which runs are taken and which are left out', async () => {
    await openSubmit({
      'POST service/exports/preflight': {
        ...PREFLIGHT,
        total: 20,
        collections: [
          {
            name: 'u/alien/batch-1',
            runs: [
              { name: 'u/alien/batch-1/a', count: 12 },
              { name: 'u/alien/batch-1/b', count: 8 }
            ],
            left_out: ['u/other/private-1']
          }
        ],
        warnings: [{ type: 'large', msg: 'Some files are over 1,000 KB.' }]
      }
    });
    expect(await screen.findByText('20 cutouts from 2 runs')).toBeVisible();
    expect(screen.getByText('u/alien/batch-1/a: 12')).toBeVisible();
    expect(screen.getByText('Left out, since they are not yours: u/other/private-1')).toBeVisible();
    expect(screen.getByText('Some files are over 1,000 KB.')).toBeVisible();
  });

  it('shows beforehand why it would be refused', async () => {
    await openSubmit({
      'POST service/exports/preflight': {
        ...PREFLIGHT,
        ok: false,
        problems: [{ type: 'mixed_frames', msg: 'The subjects have 2 to 3 frames.' }]
      }
    });
    expect(await screen.findByText('The subjects have 2 to 3 frames.')).toBeVisible();
  });

  it('that failed keeps the draft, and says that trying again is safe', async () => {
    const { user } = await openSubmit({
      'POST service/exports': () => problem(504, 'service_timeout', 'No answer in time.')
    });
    await user.selectOptions(await screen.findByLabelText('Project'), 'Galaxy Hunters');
    await user.click(await button('Submit 312 cutouts'));
    expect(await screen.findByRole('alert')).toHaveTextContent('it never makes a second export');
    expect(screen.getByLabelText('Subject set')).toHaveValue('zooniverse-1');
    await user.type(screen.getByLabelText('Subject set'), '-b');
    expect(await screen.findByText(/Your last attempt got no answer/)).toBeVisible();
  });

  it('of nothing leads back to the collections', async () => {
    const { user } = show();
    await user.click(await tab(/Submit/));
    await user.click(await button('Choose collections'));
    expect(await tab(/Collections/)).toHaveAttribute('aria-selected', 'true');
  });
});

describe('an export', () => {
  const open = async (one: object, answers: Answers = {}) => {
    const shown = await openExports([one], answers);
    await shown.user.click(await button(/^zooniverse-1/));
    return shown;
  };

  it('is counted by fate and by reason', async () => {
    await open(PUBLISHED);
    expect(screen.getByRole('row', { name: '308 published' })).toBeVisible();
    expect(screen.getByRole('row', { name: '4 refused' })).toBeVisible();
    expect(screen.getByText('The image has 16 bits a channel.').closest('li')).toHaveTextContent(
      /^3/
    );
  });

  it('lists its items by page and by fate, with their images', async () => {
    const route = `GET service/exports/${EXPORT.id}/items`;
    const { lab, user } = await open(PUBLISHED, {
      [route]: ({ query }) =>
        query.get('cursor') === 'two'
          ? { items: [item(2)], next_cursor: null }
          : { items: [item(1)], next_cursor: 'two' }
    });
    await user.click(await button('Show items and image links'));
    await user.click(await button('Show more items'));
    const items = await screen.findByRole('list', { name: 'Items' });
    await waitFor(() => expect(within(items).getAllByRole('link')).toHaveLength(2));
    expect(within(items).getAllByRole('link')[1]).toHaveAttribute('href', item(2).url);
    const refused = { type: 'truncated', msg: 'The file ends too early.' };
    lab.change({
      [route]: {
        items: [item(7, { state: 'REFUSED', reason: refused, url: null })],
        next_cursor: null
      }
    });
    await user.selectOptions(screen.getByLabelText('Which items'), '4 refused');
    expect(await within(items).findByText('The file ends too early.')).toBeVisible();
    expect(lab.asked(route).at(-1)?.query.get('state')).toBe('REFUSED');
  });

  it('links to no address that is not of the web', async () => {
    await open({ ...PUBLISHED, manifest_url: 'javascript:alert(1)' });
    expect(screen.getByText('Zooniverse manifest')).toBeVisible();
    expect(screen.queryByRole('link')).toBeNull();
  });

  it('is saved as a table of items, and as a crosswalk', async () => {
    const csv = (text: string) => () => new Response(text);
    const { host, user } = await open(PUBLISHED, {
      [`GET service/exports/${EXPORT.id}/items.csv`]: csv('number\n1\n'),
      [`GET service/exports/${EXPORT.id}/crosswalk.csv`]: csv('external_id\nx\n')
    });
    await user.click(await button('Items (CSV)'));
    await user.click(await button('Crosswalk (CSV)'));
    await waitFor(() =>
      expect(host.saveFile.mock.calls).toEqual([
        ['zooniverse-1-items.csv', 'number\n1\n'],
        ['zooniverse-1-crosswalk.csv', 'external_id\nx\n']
      ])
    );
  });

  it('is withdrawn only after a question', async () => {
    const route = `POST service/exports/${EXPORT.id}/withdraw`;
    const withdrawn = { ...PUBLISHED, state: 'WITHDRAWN', actions: [] };
    const { lab, user } = await open(PUBLISHED, { [route]: withdrawn });
    await user.click(await button('Withdraw…'));
    expect(screen.getByRole('alertdialog')).toHaveTextContent('subjects that show them go blank');
    expect(lab.asked(route)).toEqual([]);
    lab.change({ 'GET service/exports': { exports: [withdrawn], next_cursor: null } });
    await user.click(await button('Withdraw'));
    expect(await screen.findByText('Withdrawn')).toBeVisible();
  });

  it('is retried at once, since that destroys nothing', async () => {
    const { lab, user } = await open(FAILED, {
      [`POST service/exports/${EXPORT.id}/retry`]: EXPORT
    });
    expect(screen.getByText('Your grant ended before the export did.')).toBeVisible();
    await user.click(await button('Retry what failed'));
    await waitFor(() =>
      expect(lab.asked(`POST service/exports/${EXPORT.id}/retry`)).toHaveLength(1)
    );
  });

  it('offers only what the service allows', async () => {
    await open({ ...PUBLISHED, actions: [] });
    expect(screen.queryByRole('button', { name: /Withdraw|Cancel|Retry/ })).toBeNull();
  });

  it('that needs the PI is counted on the tab', async () => {
    await openExports([FAILED, { ...PUBLISHED, id: 'other' }]);
    expect(await tab(/^Exports/)).toHaveAccessibleName('Exports 1');
  });

  it('is found by what the PI looks for', async () => {
    const { user } = await openExports([FAILED, { ...PUBLISHED, id: 'p', subject_set: 'old-set' }]);
    await user.selectOptions(await screen.findByLabelText('Which exports'), 'Needs you (1)');
    expect(screen.queryByText('old-set')).toBeNull();
    await user.selectOptions(screen.getByLabelText('Which exports'), 'Ended (0)');
    expect(screen.getByText('None of your exports is in this group.')).toBeVisible();
  });
});

it('the list of no exports says what will stand there', async () => {
  await openExports([]);
  expect(await screen.findByText('No exports yet.')).toBeVisible();
});

it('arrows lead from tab to tab', async () => {
  const { user } = show();
  (await tab(/Collections/)).focus();
  await user.keyboard('{ArrowRight}');
  expect(await tab(/Submit/)).toHaveFocus();
  expect(await tab(/Submit/)).toHaveAttribute('aria-selected', 'true');
  await user.keyboard('{End}{ArrowRight}');
  expect(await tab(/Collections/)).toHaveFocus();
});

it('the hint for newcomers is closed for good', async () => {
  const { model: shown, user } = show();
  await user.click(await button('Close this hint'));
  expect(screen.queryByText(/From your collection/)).toBeNull();
  expect(shown.hintClosed).toBe(true);
});
