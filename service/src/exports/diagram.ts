/** The life of an export as the manual shows it (`docs/manual/states.md`), drawn from the table and nothing else. */
import {
  EXPORT_STATES,
  exportStates,
  ITEM_STATES,
  itemStates,
  transitionNames,
  TRANSITIONS
} from './transitions.ts';

/** @returns Markdown with a Mermaid diagram */
export function statesPage(): string {
  const arrows = transitionNames.flatMap(name => {
    const { from, to, by } = TRANSITIONS[name];
    return from.map(state => `  ${state} --> ${to}: ${name} (${by.join(' or ')})`);
  });
  const states = exportStates.map(state => {
    const { owner, phase, means } = EXPORT_STATES[state];
    return `| \`${state}\` | This export ${means}. | ${owner ?? '–'} | ${phase} |`;
  });
  const items = itemStates.map(state => `| \`${state}\` | ${ITEM_STATES[state]} |`);
  return [
    '# States',
    '',
    'Written by `make contract` from the table that the service runs on (`service/src/exports/transitions.ts`).',
    '',
    '```mermaid',
    'stateDiagram-v2',
    '  [*] --> SUBMITTED',
    ...arrows,
    ...exportStates
      .filter(state => EXPORT_STATES[state].owner === null)
      .map(state => `  ${state} --> [*]`),
    '```',
    '',
    '| state | means | who acts next | UWS phase |',
    '|---|---|---|---|',
    ...states,
    '',
    'Each item of an export has a state of its own:',
    '',
    '| item | means |',
    '|---|---|',
    ...items,
    ''
  ].join('\n');
}
