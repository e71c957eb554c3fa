import type { PrismaClient } from '../generated/sqlite/client.ts';

/** The models, and what they are written and asked for in. Both databases have the same ones. */
export type {
  Event,
  IdempotentRequest,
  Identity,
  Import,
  Job,
  MailMessage,
  OneTimeCode,
  Password,
  Prisma,
  RefreshTokenFamily,
  Session,
  SigningKey,
  User,
  WebhookDelivery,
  WebhookEndpoint,
} from '../generated/sqlite/client.ts';

export type DatabaseClient = PrismaClient;
