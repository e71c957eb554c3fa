import type { ImportFormat } from '../source/import-format.ts';
import { listOf, notCarried, objectOf, passwordOf, textOf } from '../source/values.ts';

/**
 * Ory Kratos: identities of its API as JSON, with credentials where they were asked for. `external_id`, else `id`, becomes the external
 * id. What stands elsewhere in your traits is named with `--map email=traits.EMAIL`.
 */
export const kratos: ImportFormat = {
  recognises: ({ values }) => 'schema_id' in values && 'traits' in values,
  convert: ({ values }) => {
    const traits = objectOf(values.traits);
    const name = objectOf(traits.name);
    const address = listOf(values.verifiable_addresses).find(({ value }) => value === traits.email);
    const credentials = objectOf(values.credentials);
    const configOf = (kind: string) => objectOf(objectOf(credentials[kind]).config);
    return {
      email: traits.email,
      emailVerified: address?.verified === true,
      firstName: textOf(name.first),
      lastName: textOf(name.last),
      name: textOf(traits.name),
      externalId: textOf(values.external_id) ?? textOf(values.id),
      metadata: objectOf(values.metadata_public),
      createdAt: values.created_at,
      identities: listOf(configOf('oidc').providers).map(({ provider, subject }) => ({ provider, idpId: subject })),
      password: passwordOf(configOf('password').hashed_password),
      notes: notCarried({
        mfa: ['totp', 'webauthn', 'lookup_secret'].some((kind) => kind in credentials),
        phone: traits.phone,
        disabled: values.state === 'inactive',
      }),
    };
  },
};
