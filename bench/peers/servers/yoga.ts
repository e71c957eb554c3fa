// graphql-yoga, Pothos with its Prisma plugin, and Prisma.
import { createServer } from 'node:http';
import SchemaBuilder from '@pothos/core';
import PrismaPlugin from '@pothos/plugin-prisma';
import { createYoga } from 'graphql-yoga';
import type PrismaTypes from '../generated/pothos.ts';
import { getDatamodel } from '../generated/pothos.ts';
import { openClient, synchronousOf } from './prisma.ts';

const [url] = process.argv.slice(2) as [string];
const client = openClient(url);

const builder = new SchemaBuilder<{ PrismaTypes: PrismaTypes }>({
  plugins: [PrismaPlugin],
  prisma: { client, dmmf: getDatamodel() },
});

builder.prismaObject('User', {
  fields: (t) => ({
    id: t.exposeID('id'),
    email: t.exposeString('email'),
    emailVerified: t.exposeBoolean('emailVerified'),
    firstName: t.exposeString('firstName', { nullable: true }),
    lastName: t.exposeString('lastName', { nullable: true }),
    name: t.exposeString('name', { nullable: true }),
    version: t.exposeInt('version'),
    updatedAt: t.string({ resolve: (user) => user.updatedAt.toISOString() }),
  }),
});

const UpdateUserInput = builder.inputType('UpdateUserInput', {
  fields: (t) => ({ firstName: t.string(), lastName: t.string() }),
});

builder.queryType({
  fields: (t) => ({
    user: t.prismaField({
      type: 'User',
      nullable: true,
      args: { id: t.arg.id({ required: true }) },
      resolve: (query, _, { id }) => client.user.findUnique({ ...query, where: { id } }),
    }),
  }),
});

builder.mutationType({
  fields: (t) => ({
    updateUser: t.prismaField({
      type: 'User',
      args: { id: t.arg.id({ required: true }), input: t.arg({ type: UpdateUserInput, required: true }) },
      resolve: (query, _, { id, input: { firstName, lastName } }) =>
        client.$transaction(async (tx) => {
          await tx.user.findUniqueOrThrow({ where: { id } });
          const names = { firstName: firstName ?? null, lastName: lastName ?? null };
          return tx.user.update({ ...query, where: { id }, data: { ...names, version: { increment: 1 } } });
        }),
    }),
  }),
});

const server = createServer(createYoga({ schema: builder.toSchema(), graphiql: false, logging: 'error' }));
const synchronous = await synchronousOf(client, url);
server.listen(0, '127.0.0.1', () => console.log(JSON.stringify({ ...(server.address() as object), synchronous })));
