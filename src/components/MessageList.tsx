import * as React from 'react';
import type { Message } from '../api/types';
import { valueOf, type Loadable } from '../domain/loadable';
import { Button } from './Button';
import { formatTime } from './format';
import { Link } from './Link';
import { ProblemNotice } from './ProblemNotice';
import { Prose } from './Prose';
import { useTranslation } from './translation';

interface MessageListProps {
  readonly messages: Loadable<readonly Message[]>;
  readonly onShow: (exportId: string) => void;
}

/** What the PI was told of their exports, here and through the RSP. Closed until it is wanted. */
export function MessageList({ messages, onShow }: MessageListProps): React.ReactElement | null {
  const trans = useTranslation();
  const [open, setOpen] = React.useState(false);
  if (messages.status === 'failed') {
    return (
      <ProblemNotice
        problem={messages.problem}
        lead={trans.__('What you were told cannot be listed.')}
      />
    );
  }
  const all = valueOf(messages) ?? [];
  if (!all.length) {
    return null;
  }
  return (
    <section className="jp-EpoExport-messages" aria-label={trans.__('Messages')}>
      <Button
        kind="link"
        icon={open ? 'arrowDown' : 'arrowRight'}
        expanded={open}
        onClick={() => setOpen(!open)}
      >
        {trans.__('Messages (%1)', all.length)}
      </Button>
      {open && (
        <ul>
          {all.map(message => (
            <li key={message.id}>
              <p className="jp-EpoExport-dim">{formatTime(message.created)}</p>
              <p>
                <strong>{message.summary}</strong>
              </p>
              {message.text.split('\n\n').map(paragraph => (
                <p key={paragraph}>
                  <Paragraph>{paragraph}</Paragraph>
                </p>
              ))}
              <Button kind="link" onClick={() => onShow(message.export_id)}>
                {trans.__('Show this export')}
              </Button>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

/** An address at its end, such as the manifest's, is a link. */
function Paragraph({ children }: { readonly children: string }): React.ReactElement {
  const [, before, url] = /^(.*?)(https?:\/\/\S+)$/.exec(children) ?? [];
  return before === undefined || url === undefined ? (
    <Prose>{children}</Prose>
  ) : (
    <>
      <Prose>{before}</Prose>
      <Link href={url}>{url}</Link>
    </>
  );
}
