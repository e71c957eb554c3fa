import type { ErrorCode } from '../../errors.ts';
import type { Operations } from '../call.ts';
import { answerList } from '../list.ts';
import { answerSessions } from '../sessions.ts';
import {
  answerCreate,
  answerDelete,
  answerGet,
  answerGetByExternalId,
  answerIdentities,
  answerUpdate,
} from '../users.ts';

const form: ErrorCode[] = ['invalid_email', 'invalid_metadata', 'invalid_locale'];
const credentials: ErrorCode[] = [
  'password_strength_error',
  'invalid_password_hash',
  'password_and_password_hash_provided',
  'password_and_password_hash_type_provided',
  'password_salt_position_requires_password_hash',
  'rate_limited',
];
const stored: ErrorCode[] = ['entity_not_found', 'version_mismatch'];
const taken: ErrorCode[] = ['email_not_available', 'external_id_already_used'];
const forbiddenChanges: ErrorCode[] = ['email_already_verified', 'email_change_not_allowed'];

/** Users, and what they have. */
export const userRoutes: Operations = {
  '/user_management/users': {
    GET: {
      id: 'listUsers',
      scopes: ['users:read'],
      summary: 'A page of users in the order of their creation.',
      query: ['limit', 'order', 'before', 'after', 'email'],
      status: 200,
      gives: 'UserlandUserList',
      errors: ['invalid_email'],
      answer: answerList,
    },
    POST: {
      id: 'createUser',
      scopes: ['users:read', 'users:write'],
      summary: 'Makes a user.',
      takes: 'CreateUserlandUserDto',
      status: 201,
      gives: 'UserlandUser',
      errors: [...form, ...credentials, 'user_creation_error'],
      answer: answerCreate,
    },
  },
  '/user_management/users/external_id/{external_id}': {
    GET: {
      id: 'getUserByExternalId',
      scopes: ['users:read'],
      summary: 'The user with this external id.',
      status: 200,
      gives: 'UserlandUser',
      errors: stored,
      answer: answerGetByExternalId,
    },
  },
  '/user_management/users/{id}': {
    GET: {
      id: 'getUser',
      scopes: ['users:read'],
      summary: 'One user.',
      status: 200,
      gives: 'UserlandUser',
      errors: stored,
      answer: answerGet,
    },
    PUT: {
      id: 'updateUser',
      scopes: ['users:read', 'users:write'],
      summary: 'Changes a user; what is left out stays as it is.',
      query: ['dry_run'],
      takes: 'UpdateUserlandUserDto',
      status: 200,
      gives: 'UserlandUser',
      givesInstead: 'UserUpdatePreview',
      errors: [...form, ...credentials, ...stored, ...forbiddenChanges, ...taken],
      answer: answerUpdate,
    },
    DELETE: {
      id: 'deleteUser',
      scopes: ['users:write'],
      summary: 'Deletes a user with their identities, password and sessions.',
      query: ['erase'],
      status: 204,
      errors: stored,
      answer: answerDelete,
    },
  },
  '/user_management/users/{id}/identities': {
    GET: {
      id: 'listIdentities',
      scopes: ['users:read'],
      summary: "The user's accounts at other services, oldest first.",
      status: 200,
      gives: 'Identities',
      errors: ['entity_not_found'],
      answer: answerIdentities,
    },
  },
  '/user_management/users/{id}/sessions': {
    GET: {
      id: 'listSessions',
      scopes: ['sessions:read'],
      summary: 'A page of the active sessions of a user, in the order of their start.',
      query: ['limit', 'order', 'before', 'after'],
      status: 200,
      gives: 'SessionList',
      errors: ['entity_not_found'],
      answer: answerSessions,
    },
  },
};
