import { describe, expect, onTestFinished, test } from 'vitest';
import { diffModels } from '../../scripts/schema-engine.ts';
import { adapterFor } from '../../src/db/dialects.ts';
import { connectTo, temporaryDatabase } from '../support/database.ts';

const indexes = {
  users_email_canonical_key: { table: 'users', unique: 1, columns: ['email_canonical'] },
  users_external_id_key: { table: 'users', unique: 1, columns: ['external_id'] },
  users_email_verified_id_idx: { table: 'users', unique: 0, columns: ['email_verified', 'id'] },
  users_managed_id_idx: { table: 'users', unique: 0, columns: ['managed', 'id'] },
  // null: an expression
  users_last_sign_in_at_idx: { table: 'users', unique: 0, columns: [null, 'id'] },
  identities_provider_idp_id_key: { table: 'identities', unique: 1, columns: ['provider', 'idp_id'] },
  identities_provider_user_id_idx: { table: 'identities', unique: 0, columns: ['provider', 'user_id'] },
  identities_user_id_id_idx: { table: 'identities', unique: 0, columns: ['user_id', 'id'] },
  sessions_user_id_id_idx: { table: 'sessions', unique: 0, columns: ['user_id', 'id'] },
  refresh_tokens_session_id_idx: { table: 'refresh_tokens', unique: 0, columns: ['session_id'] },
  jobs_key_key: { table: 'jobs', unique: 1, columns: ['key'] },
  jobs_kind_run_at_idx: { table: 'jobs', unique: 0, columns: ['kind', 'run_at'] },
  mail_messages_due_at_idx: { table: 'mail_messages', unique: 0, columns: ['due_at'] },
  mail_messages_user_id_id_idx: { table: 'mail_messages', unique: 0, columns: ['user_id', 'id'] },
  one_time_codes_digest_key: { table: 'one_time_codes', unique: 1, columns: ['digest'] },
  one_time_codes_user_id_purpose_id_idx: { table: 'one_time_codes', unique: 0, columns: ['user_id', 'purpose', 'id'] },
  one_time_codes_email_canonical_purpose_id_idx: {
    table: 'one_time_codes',
    unique: 0,
    columns: ['email_canonical', 'purpose', 'id'],
  },
  one_time_codes_expires_at_idx: { table: 'one_time_codes', unique: 0, columns: ['expires_at'] },
  events_position_key: { table: 'events', unique: 1, columns: ['position'] },
  events_user_id_position_idx: { table: 'events', unique: 0, columns: ['user_id', 'position'] },
  events_type_position_idx: { table: 'events', unique: 0, columns: ['type', 'position'] },
  idempotent_requests_user_id_idx: { table: 'idempotent_requests', unique: 0, columns: ['user_id'] },
  idempotent_requests_expires_at_idx: { table: 'idempotent_requests', unique: 0, columns: ['expires_at'] },
  webhook_endpoints_url_key: { table: 'webhook_endpoints', unique: 1, columns: ['url'] },
  webhook_deliveries_endpoint_id_due_at_position_idx: {
    table: 'webhook_deliveries',
    unique: 0,
    columns: ['endpoint_id', 'due_at', 'position'],
  },
  webhook_deliveries_endpoint_id_state_id_idx: {
    table: 'webhook_deliveries',
    unique: 0,
    columns: ['endpoint_id', 'state', 'id'],
  },
  webhook_deliveries_event_id_idx: { table: 'webhook_deliveries', unique: 0, columns: ['event_id'] },
  api_keys_hash_key: { table: 'api_keys', unique: 1, columns: ['hash'] },
};

describe('the migrations', () => {
  test('make exactly what the models say', async () => {
    const { options } = temporaryDatabase();
    expect(await diffModels('sqlite', await adapterFor(options, 'migrate'))).toBeNull();
    expect(await diffModels('sqlite', await adapterFor(options, 'migrate'))).toBeNull();
  });

  test('make every index by its name, and the unique ones unique', () => {
    const found = connectTo(temporaryDatabase().file)
      .prepare(
        `SELECT i.name, t.name AS "table", i."unique", json_group_array(c.name) AS columns
         FROM sqlite_master t, pragma_index_list(t.name) i, pragma_index_info(i.name) c
         WHERE t.type = 'table' AND i.origin = 'c' GROUP BY i.name`,
      )
      .all() as { name: string; table: string; unique: number; columns: string }[];
    expect(
      Object.fromEntries(
        found.map(({ name, columns, ...index }) => [name, { ...index, columns: JSON.parse(columns) }]),
      ),
    ).toEqual(indexes);
  });

  test('delete the identities and the password with their user, and refuse them without one', () => {
    const connection = connectTo(temporaryDatabase().file);
    const insertIdentity = `INSERT INTO identities VALUES ('i', 'a', 'GoogleOAuth', '1', NULL, NULL, '', '')`;
    const insertPassword = `INSERT INTO passwords (user_id, hash, type, changed_at) VALUES ('a', 'hash', 'argon2', '')`;
    expect(() => connection.exec(insertIdentity)).toThrow('FOREIGN KEY');
    expect(() => connection.exec(insertPassword)).toThrow('FOREIGN KEY');
    connection.exec(`INSERT INTO users (id, email, email_canonical, metadata, created_at, updated_at)
      VALUES ('a', 'a@example.com', 'a@example.com', '{}', '', '')`);
    connection.exec(`${insertIdentity}; ${insertPassword}; DELETE FROM users`);
    expect(connection.prepare('SELECT id FROM identities UNION SELECT user_id FROM passwords').all()).toEqual([]);
  });
});

describe('a connection', () => {
  test.each([
    ['full', 2],
    ['normal', 1],
  ] as const)('with synchronous %s has it, the write-ahead log and foreign keys', async (synchronous, level) => {
    const { options } = temporaryDatabase();
    const adapter = await (await adapterFor({ ...options, synchronous }, 'write')).connect();
    onTestFinished(() => adapter.dispose());
    const pragma = async (name: string) =>
      (await adapter.queryRaw({ sql: `PRAGMA ${name}`, args: [], argTypes: [] })).rows[0]?.[0];
    expect(await pragma('synchronous')).toBe(level);
    expect(await pragma('journal_mode')).toBe('wal');
    expect(await pragma('foreign_keys')).toBe(1);
  });
});
