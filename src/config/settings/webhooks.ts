import { flag, hostNames } from '../setting-rules.ts';

export const webhookSettings = {
  WEBHOOK_ALLOW_PRIVATE: flag
    .default(false)
    .describe(
      'Whether webhooks may go to addresses that are not public, and to `http:`. For development: whoever can make an endpoint can then reach what this machine can.',
    ),
  WEBHOOK_ALLOWED_HOSTS: hostNames
    .optional()
    .describe(
      'Hosts that webhooks may go to though their addresses are not public, and also by `http:`, such as `hooks.internal`.',
    ),
};
