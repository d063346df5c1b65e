import * as React from 'react';
import type { Problem } from '../api/problem';
import type { Project, ProjectCreate } from '../api/types';
import type { Loadable } from '../domain/loadable';
import { Button } from './Button';
import { Field } from './Field';
import { formatCount } from './format';
import { Busy } from './Notice';
import { ProblemNotice } from './ProblemNotice';
import { useTranslation, type Translation } from './translation';

export interface ProjectFieldProps {
  readonly projects: Loadable<readonly Project[]>;
  readonly projectId: string | null;
  readonly creating: boolean;
  readonly problem: Problem | null;
  readonly onChoose: (id: string | null) => void;
  /** Resolves to whether the project was made. */
  readonly onCreate: (project: ProjectCreate) => Promise<boolean>;
  readonly onRetry: () => void;
}

/** Which citizen-science project the export belongs to: one of the PI's, or a new one made in place. */
export function ProjectField(props: ProjectFieldProps): React.ReactElement {
  const { projects, projectId, onChoose, onRetry } = props;
  const trans = useTranslation();
  const [adding, setAdding] = React.useState(false);

  switch (projects.status) {
    case 'idle':
    case 'loading':
      return <Busy>{trans.__('Getting your projects…')}</Busy>;
    case 'failed':
      return (
        <ProblemNotice
          problem={projects.problem}
          lead={trans.__('Your projects could not be listed.')}
          onRetry={onRetry}
        />
      );
    case 'ready':
      break;
  }
  const none = projects.value.length === 0;
  const chosen = projects.value.find(({ id }) => id === projectId);
  return (
    <>
      {none ? (
        <p className="jp-EpoExport-help">
          {trans.__(
            'Every export belongs to a citizen-science project. You have none here yet: name it below.'
          )}
        </p>
      ) : (
        <Field label={trans.__('Project')} help={chosen && statusWords(chosen, trans)}>
          {attributes => (
            <select
              {...attributes}
              className="jp-EpoExport-select"
              value={chosen?.id ?? ''}
              onChange={event => onChoose(event.target.value || null)}
            >
              <option value="">{trans.__('Choose a project…')}</option>
              {projects.value.map(project => (
                <option key={project.id} value={project.id} disabled={project.status === 'blocked'}>
                  {project.name}
                </option>
              ))}
            </select>
          )}
        </Field>
      )}
      {none || adding ? (
        <NewProject {...props} onDone={() => setAdding(false)} dismissible={!none} />
      ) : (
        <Button kind="link" onClick={() => setAdding(true)}>
          {trans.__('New project…')}
        </Button>
      )}
    </>
  );
}

interface NewProjectProps extends ProjectFieldProps {
  readonly dismissible: boolean;
  readonly onDone: () => void;
}

function NewProject(props: NewProjectProps): React.ReactElement {
  const { creating, problem, dismissible, onCreate, onDone } = props;
  const trans = useTranslation();
  const [name, setName] = React.useState('');
  const [members, setMembers] = React.useState('');
  const [zooniverse, setZooniverse] = React.useState('');
  const [contact, setContact] = React.useState('');

  const create = async () => {
    const usernames = members.split(/[\s,]+/).filter(Boolean);
    const made = await onCreate({
      name: name.trim(),
      ...(usernames.length && { members: [...new Set(usernames)] }),
      ...(zooniverse.trim() && { zooniverse_project: zooniverse.trim() }),
      ...(contact.trim() && { contact: contact.trim() })
    });
    if (made) {
      onDone();
    }
  };

  return (
    <form
      className="jp-EpoExport-subform"
      aria-label={trans.__('New project')}
      onSubmit={event => {
        event.preventDefault();
        if (name.trim() && !creating) {
          void create();
        }
      }}
    >
      <Field
        label={trans.__('Name of the new project')}
        help={trans.__('A name that your team recognises.')}
      >
        {attributes => (
          <TextInput {...attributes} value={name} maxLength={100} onChange={setName} />
        )}
      </Field>
      <details className="jp-EpoExport-more">
        <summary>{trans.__('More about it (optional)')}</summary>
        <Field
          label={trans.__('Zooniverse project')}
          help={trans.__(
            'Its owner/name on zooniverse.org, or its number, where it exists already.'
          )}
        >
          {attributes => (
            <TextInput
              {...attributes}
              value={zooniverse}
              maxLength={200}
              onChange={setZooniverse}
            />
          )}
        </Field>
        <Field
          label={trans.__('Co-investigators')}
          help={trans.__(
            'Their RSP usernames. They see the exports of this project and its crosswalk.'
          )}
        >
          {attributes => <TextInput {...attributes} value={members} onChange={setMembers} />}
        </Field>
        <Field
          label={trans.__('Contact')}
          help={trans.__('Where EPO reaches your team, such as an e-mail address.')}
        >
          {attributes => (
            <TextInput {...attributes} value={contact} maxLength={200} onChange={setContact} />
          )}
        </Field>
      </details>
      {problem && <ProblemNotice problem={problem} />}
      <div className="jp-EpoExport-actions">
        <Button disabled={!name.trim() || creating}>
          {creating ? trans.__('Creating…') : trans.__('Create project')}
        </Button>
        {dismissible && (
          <Button kind="link" onClick={onDone}>
            {trans.__('Never mind')}
          </Button>
        )}
      </div>
    </form>
  );
}

interface TextInputProps extends React.AriaAttributes {
  readonly id: string;
  readonly value: string;
  readonly maxLength?: number | undefined;
  readonly onChange: (value: string) => void;
}

function TextInput({ onChange, ...attributes }: TextInputProps): React.ReactElement {
  return (
    <input
      {...attributes}
      type="text"
      className="jp-EpoExport-input"
      onChange={event => onChange(event.target.value)}
    />
  );
}

function statusWords({ status, object_limit }: Project, trans: Translation): string {
  const limit = formatCount(object_limit);
  switch (status) {
    case 'pending':
      return trans.__(
        'EPO has not approved this project yet. Until then an export of it may have at most %1 objects.',
        limit
      );
    case 'approved':
      return trans.__('Approved by EPO. An export of it may have at most %1 objects.', limit);
    case 'blocked':
      return trans.__('EPO has blocked this project. Write to EPO to learn why.');
  }
}
