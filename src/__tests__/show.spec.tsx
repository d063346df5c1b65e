/** The output of `EpoExport().show()`: a button that acts when clicked, and the panel at once where the cell just ran. */
import type { JupyterFrontEnd } from '@jupyterlab/application';
import { MimeModel, RenderMimeRegistry } from '@jupyterlab/rendermime';
import { CommandRegistry } from '@lumino/commands';
import type { ReadonlyJSONObject } from '@lumino/coreutils';
import { Signal } from '@lumino/signaling';
import { Widget } from '@lumino/widgets';
import { screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { COMMANDS } from '../commands';
import { SHOW_MIME_TYPE } from '../domain/show';
import { showPlugin } from '../show-plugin';
import { PUBLISHED } from './support/answers';

const SHOWN = {
  version: 1,
  repository: 'demo',
  collection: 'u/alien/zooniverse-1',
  exports: [
    {
      subject_set: '<b>First</b>',
      state: 'PUBLISHED',
      total: 312,
      manifest_url: PUBLISHED.manifest_url
    }
  ]
};

/** The plugin in an application of which only the commands are real, before one notebook. */
function start() {
  const opened: object[] = [];
  const commands = new CommandRegistry();
  commands.addCommand(COMMANDS.open, { execute: args => void opened.push(args) });
  const registry = new RenderMimeRegistry();
  const sessionContext = { session: { kernel: { clientId: 'this-window' } } };
  const iopubMessage = new Signal<object, object>(sessionContext);
  const tracker = { widgetAdded: new Signal<object, object>({}) };
  void showPlugin.activate({ commands } as unknown as JupyterFrontEnd, registry, tracker, null);
  tracker.widgetAdded.emit({ sessionContext: { ...sessionContext, iopubMessage } });
  const say = (session: string, type: string, data: object) =>
    iopubMessage.emit({
      channel: 'iopub',
      header: { msg_type: type },
      parent_header: { session },
      content: { data }
    });
  return { opened, registry, say };
}

async function draw(registry: RenderMimeRegistry, shown: ReadonlyJSONObject) {
  const data = { [SHOW_MIME_TYPE]: shown, 'text/html': 'for others', 'text/plain': 'for others' };
  const type = registry.preferredMimeType(data, 'ensure') ?? '';
  const renderer = registry.createRenderer(type);
  await renderer.renderModel(new MimeModel({ data }));
  Widget.attach(renderer, document.body);
  return type;
}

it('is a button that opens the panel at the collection, and only when it is clicked', async () => {
  const { opened, registry } = start();
  expect(await draw(registry, SHOWN)).toBe(SHOW_MIME_TYPE);
  const button = await screen.findByRole('button', {
    name: 'Show u/alien/zooniverse-1 in “Export to Zooniverse”'
  });
  expect(opened).toEqual([]);
  await userEvent.click(button);
  expect(opened).toEqual([{ repository: 'demo', collection: 'u/alien/zooniverse-1' }]);
});

it('lists the latest exports as text', async () => {
  await draw(start().registry, SHOWN);
  expect(await screen.findByText(/<b>First<\/b>: Published, 312 items/)).toBeVisible();
  expect(screen.getByRole('link', { name: 'manifest' })).toHaveAttribute(
    'href',
    PUBLISHED.manifest_url
  );
});

it.each([
  ['another version', { ...SHOWN, version: 2 }],
  ['another form', { version: 1 }],
  ['a state that there is not', { ...SHOWN, exports: [{ ...SHOWN.exports[0], state: 'MOON' }] }]
])('of %s says so and has no button', async (_, shown) => {
  await draw(start().registry, shown);
  expect(await screen.findByText(/made by another version/)).toBeVisible();
  expect(screen.queryByRole('button')).toBeNull();
});

describe('where a cell is run', () => {
  it.each(['execute_result', 'display_data'])('opens the panel at once (%s)', type => {
    const { opened, say } = start();
    say('this-window', type, { [SHOW_MIME_TYPE]: SHOWN });
    expect(opened).toEqual([{ repository: 'demo', collection: 'u/alien/zooniverse-1' }]);
  });

  it.each([
    ['another window ran it', 'that-window', 'execute_result', { [SHOW_MIME_TYPE]: SHOWN }],
    ['it shows something else', 'this-window', 'execute_result', { 'text/plain': '42' }],
    ['it is no output', 'this-window', 'status', { [SHOW_MIME_TYPE]: SHOWN }]
  ])('leaves the panel alone where %s', (_, session, type, data) => {
    const { opened, say } = start();
    say(session, type, data);
    expect(opened).toEqual([]);
  });
});

afterEach(() => {
  document.body.replaceChildren();
});
