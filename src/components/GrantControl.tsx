import * as React from 'react';
import type { Problem } from '../api/problem';
import type { CollectionPick, Grant } from '../api/types';
import { GRANT_DAYS, type GrantState } from '../domain/grants';
import { Button } from './Button';
import { Confirm } from './Confirm';
import { formatDay } from './format';
import { Icon } from './Icon';
import { pickName } from './pick-words';
import { ProblemNotice } from './ProblemNotice';
import { useTranslation, type Translation } from './translation';

/** A pick with EPO's leave to read it. */
export interface PickWithGrant {
  readonly pick: CollectionPick;
  readonly grant: GrantState;
}

export interface GrantControlProps {
  readonly picks: readonly PickWithGrant[];
  /** The account that may read. */
  readonly grantee: string;
  /** The days to offer first. */
  readonly defaultDays: number;
  readonly busy: boolean;
  readonly problem: Problem | null;
  readonly onGrant: (picks: readonly CollectionPick[], days: number) => void;
  readonly onRevoke: (grant: Grant) => void;
}

/** Gives EPO read access to what is picked, shows until when it lasts and who enforces it, takes it back. */
export function GrantControl(props: GrantControlProps): React.ReactElement {
  const { picks, problem } = props;
  const missing = picks.filter(({ grant }) => grant.state !== 'live').map(({ pick }) => pick);
  const live = picks.flatMap(({ pick, grant }) =>
    grant.state === 'live' ? [{ pick, grant: grant.grant }] : []
  );
  return (
    <div className="jp-EpoExport-grants">
      {live.map(({ pick, grant }) => (
        <LiveGrant key={`${pick.kind} ${pick.name}`} {...props} pick={pick} grant={grant} />
      ))}
      {missing.length > 0 && <GrantForm {...props} missing={missing} />}
      {problem && <ProblemNotice problem={problem} />}
    </div>
  );
}

interface GrantFormProps extends GrantControlProps {
  readonly missing: readonly CollectionPick[];
}

function GrantForm(props: GrantFormProps): React.ReactElement {
  const { missing, picks, grantee, defaultDays, busy, onGrant } = props;
  const trans = useTranslation();
  const [days, setDays] = React.useState(defaultDays);
  const [only] = missing;
  const ended = picks.filter(({ grant }) => grant.state === 'expired' || grant.state === 'revoked');
  return (
    <div className="jp-EpoExport-grantForm">
      <p>
        {only && missing.length === 1
          ? trans.__(
              'EPO may not read %1. A grant lets its service account (%2) read this collection to check and publish its cutouts, until the grant ends or you revoke it.',
              pickName(only, trans),
              grantee
            )
          : trans.__(
              'EPO may not read %1 of your picks. A grant lets its service account (%2) read these collections to check and publish their cutouts, until the grant ends or you revoke it.',
              missing.length,
              grantee
            )}
      </p>
      {ended.map(({ pick, grant }) => (
        <p key={`${pick.kind} ${pick.name}`} className="jp-EpoExport-dim">
          {endedWords(pick, grant, trans)}
        </p>
      ))}
      <div className="jp-EpoExport-actions">
        <DaysChoice days={days} onChange={setDays} />
        <Button kind="primary" icon="key" disabled={busy} onClick={() => onGrant(missing, days)}>
          {busy ? trans.__('Granting…') : trans.__('Grant read access')}
        </Button>
      </div>
    </div>
  );
}

interface LiveGrantProps extends GrantControlProps {
  readonly pick: CollectionPick;
  readonly grant: Grant;
}

function LiveGrant(props: LiveGrantProps): React.ReactElement {
  const { pick, grant, defaultDays, busy, onGrant, onRevoke } = props;
  const trans = useTranslation();
  const [asking, setAsking] = React.useState(false);
  const name = pickName(pick, trans);
  const exact = grant.collection === pick.name && grant.kind === pick.kind;
  const granted = pickName({ name: grant.collection, kind: grant.kind }, trans);
  return (
    <div className="jp-EpoExport-liveGrant">
      <p>
        <Icon name="key" />{' '}
        {exact
          ? trans.__('EPO may read %1 until %2.', name, formatDay(grant.expires))
          : trans.__(
              'EPO may read %1 until %2, by your grant of %3.',
              name,
              formatDay(grant.expires),
              granted
            )}{' '}
        <span className="jp-EpoExport-dim">{enforcementWords(grant, trans)}</span>
      </p>
      {asking ? (
        <Confirm
          question={trans.__(
            'Revoke EPO’s access to %1? Exports under way that need it stop, and what EPO holds of them is deleted. What is public already stays public until you withdraw it.',
            granted
          )}
          action={trans.__('Revoke access')}
          onDismiss={() => setAsking(false)}
          onConfirm={() => {
            setAsking(false);
            onRevoke(grant);
          }}
        />
      ) : (
        <div className="jp-EpoExport-actions">
          <Button
            kind="link"
            disabled={busy}
            label={trans.__('Renew EPO’s access to %1', granted)}
            onClick={() => onGrant([{ name: grant.collection, kind: grant.kind }], defaultDays)}
          >
            {trans._n('Renew for %1 day', 'Renew for %1 days', defaultDays)}
          </Button>
          <Button
            kind="link"
            disabled={busy}
            label={trans.__('Revoke EPO’s access to %1', granted)}
            onClick={() => setAsking(true)}
          >
            {trans.__('Revoke…')}
          </Button>
        </div>
      )}
    </div>
  );
}

interface DaysChoiceProps {
  readonly days: number;
  readonly onChange: (days: number) => void;
}

function DaysChoice({ days, onChange }: DaysChoiceProps): React.ReactElement {
  const trans = useTranslation();
  const choices = [...new Set([...GRANT_DAYS, days])].sort((one, other) => one - other);
  return (
    <label className="jp-EpoExport-inlineField">
      {trans.__('for')}
      <select
        className="jp-EpoExport-select"
        aria-label={trans.__('How long EPO may read')}
        value={days}
        onChange={event => onChange(Number(event.target.value))}
      >
        {choices.map(choice => (
          <option key={choice} value={choice}>
            {trans._n('%1 day', '%1 days', choice)}
          </option>
        ))}
      </select>
    </label>
  );
}

/** Who keeps EPO from reading without the grant. */
function enforcementWords({ enforcement }: Grant, trans: Translation): string {
  switch (enforcement) {
    case 'ledger':
      return trans.__(
        'Enforced by EPO’s service, which refuses to read without it; your file permissions are unchanged.'
      );
    case 'file_permissions':
      return trans.__(
        'Enforced by file permissions too: EPO’s account can open the files only while it lasts.'
      );
  }
}

function endedWords(pick: CollectionPick, state: GrantState, trans: Translation): string {
  const name = pickName(pick, trans);
  switch (state.state) {
    case 'expired':
      return trans.__('The last grant of %1 ended on %2.', name, formatDay(state.grant.expires));
    case 'revoked':
      return trans.__('The last grant of %1 was revoked.', name);
    default:
      return '';
  }
}
