import { graphql } from '../generated/gql.ts';

export const UpdateUser = graphql(/* GraphQL */ `
  mutation UpdateUser($id: ID!, $input: UpdateUserInput!, $expectedVersion: Int) {
    updateUser(id: $id, input: $input, expectedVersion: $expectedVersion) {
      id
      email
      emailVerified
      firstName
      lastName
      name
      profilePictureUrl
      externalId
      metadata
      locale
      managed
      lastSignInAt
      createdAt
      updatedAt
      version
      identities { id provider idpId type email createdAt updatedAt }
    }
  }
`);

export const CreateUser = graphql(/* GraphQL */ `
  mutation CreateUser($input: CreateUserInput!) {
    createUser(input: $input) {
      id
      email
      emailVerified
      firstName
      lastName
      name
      externalId
      metadata
      locale
      createdAt
      updatedAt
      version
      identities { id }
    }
  }
`);

export const DeleteUser = graphql(/* GraphQL */ `
  mutation DeleteUser($id: ID!) {
    deleteUser(id: $id) { id email }
  }
`);

export const SetUserManaged = graphql(/* GraphQL */ `
  mutation SetUserManaged($id: ID!, $managed: Boolean!) {
    setUserManaged(id: $id, managed: $managed) { id managed version }
  }
`);

export const LinkIdentity = graphql(/* GraphQL */ `
  mutation LinkIdentity($userId: ID!, $input: LinkIdentityInput!) {
    linkIdentity(userId: $userId, input: $input) { id provider idpId type email createdAt updatedAt }
  }
`);

export const UnlinkIdentity = graphql(/* GraphQL */ `
  mutation UnlinkIdentity($id: ID!) {
    unlinkIdentity(id: $id) { id }
  }
`);

export const GetUser = graphql(/* GraphQL */ `
  query GetUser($id: ID!) {
    user(id: $id) { id email emailVerified version identities { id provider email } }
  }
`);

export const ListUsers = graphql(/* GraphQL */ `
  query ListUsers($first: Int, $after: String, $last: Int, $before: String, $filter: UserFilter, $orderBy: UserOrder) {
    users(first: $first, after: $after, last: $last, before: $before, filter: $filter, orderBy: $orderBy) {
      edges { cursor node { id email } }
      pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
    }
  }
`);

export const AuthenticateWithPassword = graphql(/* GraphQL */ `
  mutation AuthenticateWithPassword($email: EmailAddress!, $password: String!) {
    authenticateWithPassword(email: $email, password: $password) {
      user { id email lastSignInAt updatedAt version sessions { id status } }
      accessToken
      accessTokenExpiresIn
      refreshToken
    }
  }
`);

export const RefreshSession = graphql(/* GraphQL */ `
  mutation RefreshSession($refreshToken: String!) {
    refreshSession(refreshToken: $refreshToken) {
      user { id email }
      accessToken
      accessTokenExpiresIn
      refreshToken
    }
  }
`);

export const RevokeSession = graphql(/* GraphQL */ `
  mutation RevokeSession($id: ID!) {
    revokeSession(id: $id) { id status endedAt updatedAt }
  }
`);

export const RevokeAllSessions = graphql(/* GraphQL */ `
  mutation RevokeAllSessions($userId: ID!) {
    revokeAllSessions(userId: $userId) { id status endedAt }
  }
`);

export const GetSessions = graphql(/* GraphQL */ `
  query GetSessions($id: ID!) {
    user(id: $id) {
      sessions { id authMethod ipAddress userAgent createdAt updatedAt expiresAt endedAt status }
    }
  }
`);
