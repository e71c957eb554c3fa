import { type PasswordHashType, passwordHashTypes } from '../../passwords/stored-password.ts';

/** Whether others know hashes of this type, too: what Roster has made around a weak hash is of use to nobody else. */
export function isPublicHashType(type: unknown): type is PasswordHashType {
  return passwordHashTypes.includes(type as PasswordHashType);
}
