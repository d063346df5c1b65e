/** What an operator sets about Semaphore: a part of the settings file (`../config.ts`). */
import { Type, type Static } from 'typebox';

export const SemaphoreSettings = Type.Object(
  {
    url: Type.String({
      description: "The RSP's own address, such as https://data.example.org; https but on loopback."
    }),
    bot: Type.String({
      pattern: '^bot-[a-z0-9][a-z0-9-]{0,59}$',
      default: 'bot-epo-export',
      description: 'As whom messages are sent.'
    }),
    token_file: Type.String({
      description:
        "The bot's token, with scope write:notifications; read again at each message, so it can be renewed."
    }),
    retry_seconds: Type.Integer({
      minimum: 1,
      maximum: 3600,
      default: 30,
      description: 'How long a message waits before its second try; twice as long before each next.'
    })
  },
  { additionalProperties: false, description: 'Where PIs are told; without it nowhere but here.' }
);
export type SemaphoreSettings = Static<typeof SemaphoreSettings>;
