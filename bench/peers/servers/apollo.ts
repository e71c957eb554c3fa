// Apollo Server with a schema in SDL, and Prisma.
import { ApolloServer } from '@apollo/server';
import { startStandaloneServer } from '@apollo/server/standalone';
import { type Names, openClient, synchronousOf, updateNames } from './prisma.ts';

const [url] = process.argv.slice(2) as [string];
const client = openClient(url);

const typeDefs = `
  type User {
    id: ID!
    email: String!
    emailVerified: Boolean!
    firstName: String
    lastName: String
    name: String
    version: Int!
    updatedAt: String!
  }
  input UpdateUserInput {
    firstName: String
    lastName: String
  }
  type Query {
    user(id: ID!): User
  }
  type Mutation {
    updateUser(id: ID!, input: UpdateUserInput!): User!
  }
`;

const resolvers = {
  User: {
    updatedAt: (user: { updatedAt: Date }) => user.updatedAt.toISOString(),
  },
  Query: {
    user: (_: unknown, { id }: { id: string }) => client.user.findUnique({ where: { id } }),
  },
  Mutation: {
    updateUser: (_: unknown, { id, input }: { id: string; input: Names }) => updateNames(client, id, input),
  },
};

const server = new ApolloServer({ typeDefs, resolvers });
const started = await startStandaloneServer(server, { listen: { host: '127.0.0.1', port: 0 } });
const synchronous = await synchronousOf(client, url);
console.log(JSON.stringify({ port: Number(new URL(started.url).port), synchronous }));
