import { builder } from './builder.ts';
import { guardRootFields } from './root-field-guard.ts';
import './scalars.ts';
import './enums.ts';
import './identity.ts';
import './authentication.ts';
import './email-change.ts';
import './email-verification.ts';
import './password-reset.ts';
import './session.ts';
import './user.ts';
import './user-mutations.ts';
import './update-preview.ts';
import './bulk-update.ts';
import './password-mutations.ts';
import './managed-mutations.ts';
import './user-connection.ts';
import './event.ts';
import './webhook-endpoint.ts';
import './webhook-endpoint-mutations.ts';
import './webhook-delivery.ts';
import './webhook-mutations.ts';

builder.queryType({ description: 'Reading users.' });
builder.mutationType({ description: 'Changing users. Every mutation happens as a whole or not at all.' });

builder.subscriptionType({ description: 'What happens, as it happens: a stream of server-sent events.' });

export const schema = guardRootFields(builder.toSchema());
