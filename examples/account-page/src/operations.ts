import { graphql } from './generated/gql.ts';

export const SignIn = graphql(/* GraphQL */ `
  mutation SignIn($email: EmailAddress!, $password: String!) {
    authenticateWithPassword(email: $email, password: $password) {
      accessToken
      accessTokenExpiresIn
      refreshToken
    }
  }
`);

export const Refresh = graphql(/* GraphQL */ `
  mutation Refresh($refreshToken: String!) {
    refreshSession(refreshToken: $refreshToken) {
      accessToken
      accessTokenExpiresIn
      refreshToken
    }
  }
`);

export const Viewer = graphql(/* GraphQL */ `
  query Viewer {
    viewer {
      id
      email
      emailVerified
      firstName
      lastName
      name
      locale
      sessions {
        id
        createdAt
        updatedAt
        ipAddress
        userAgent
      }
    }
  }
`);

export const UpdateViewer = graphql(/* GraphQL */ `
  mutation UpdateViewer($id: ID!, $input: UpdateUserInput!) {
    updateUser(id: $id, input: $input) {
      id
      firstName
      lastName
      name
      locale
    }
  }
`);

export const EndSession = graphql(/* GraphQL */ `
  mutation EndSession($id: ID!) {
    revokeSession(id: $id) {
      id
    }
  }
`);

export const SendEmailVerification = graphql(/* GraphQL */ `
  mutation SendEmailVerification($userId: ID!) {
    sendEmailVerification(userId: $userId) {
      id
    }
  }
`);

export const ConfirmEmailVerification = graphql(/* GraphQL */ `
  mutation ConfirmEmailVerification($userId: ID!, $code: String!) {
    confirmEmailVerification(userId: $userId, code: $code) {
      id
      emailVerified
    }
  }
`);

export const SendEmailChange = graphql(/* GraphQL */ `
  mutation SendEmailChange($userId: ID!, $newEmail: EmailAddress!, $currentPassword: String) {
    sendEmailChange(userId: $userId, newEmail: $newEmail, currentPassword: $currentPassword) {
      newEmail
    }
  }
`);

export const ConfirmEmailChange = graphql(/* GraphQL */ `
  mutation ConfirmEmailChange($userId: ID!, $code: String!) {
    confirmEmailChange(userId: $userId, code: $code) {
      id
      email
      emailVerified
    }
  }
`);

export const RequestSignInCode = graphql(/* GraphQL */ `
  mutation RequestSignInCode($email: EmailAddress!) {
    requestSignInCode(email: $email)
  }
`);

export const SignInWithCode = graphql(/* GraphQL */ `
  mutation SignInWithCode($email: EmailAddress!, $code: String!) {
    authenticateWithCode(email: $email, code: $code) {
      accessToken
      accessTokenExpiresIn
      refreshToken
    }
  }
`);

export const SignInAfterVerification = graphql(/* GraphQL */ `
  mutation SignInAfterVerification($code: String!, $pendingAuthenticationToken: String!) {
    authenticateWithEmailVerification(code: $code, pendingAuthenticationToken: $pendingAuthenticationToken) {
      accessToken
      accessTokenExpiresIn
      refreshToken
    }
  }
`);

export const RequestPasswordReset = graphql(/* GraphQL */ `
  mutation RequestPasswordReset($email: EmailAddress!) {
    requestPasswordReset(email: $email)
  }
`);

export const ConfirmPasswordReset = graphql(/* GraphQL */ `
  mutation ConfirmPasswordReset($token: String!, $newPassword: String!) {
    confirmPasswordReset(token: $token, newPassword: $newPassword) {
      id
    }
  }
`);
