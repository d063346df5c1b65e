import * as React from 'react';
import type { Problem } from '../api/problem';
import { Button } from './Button';
import { Notice } from './Notice';
import { Prose } from './Prose';
import { wordsFor } from './problem-words';
import { useTranslation } from './translation';

interface ProblemNoticeProps {
  readonly problem: Problem;
  /** What is not possible while it lasts, where its words alone do not say so. */
  readonly lead?: string | undefined;
  readonly onRetry?: (() => void) | undefined;
}

/** The one way in which the panel tells of a problem: what happened, what is safe, what to do, try again. */
export function ProblemNotice({ problem, lead, onRetry }: ProblemNoticeProps): React.ReactElement {
  const trans = useTranslation();
  const { title, advice } = wordsFor(problem, trans);
  const messages = problem.details.map(({ msg }) => msg).filter(Boolean);
  return (
    <Notice
      tone="error"
      title={title}
      actions={onRetry && <Button onClick={onRetry}>{trans.__('Try again')}</Button>}
    >
      {lead && <p>{lead}</p>}
      {messages.map(message => (
        <p key={message}>
          <Prose>{message}</Prose>
        </p>
      ))}
      {advice && <p>{advice}</p>}
      {problem.retryAfter !== null && (
        <p>
          {trans._n(
            'The platform asks to wait %1 second.',
            'The platform asks to wait %1 seconds.',
            problem.retryAfter
          )}
        </p>
      )}
    </Notice>
  );
}
