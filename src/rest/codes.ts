import { findShown } from '../codes/find.ts';
import { entityNotFound } from '../errors.ts';
import type { HttpResponse } from '../request/messages.ts';
import { confirmEmailVerification, sendEmailVerification } from '../users/email-verification.ts';
import { createSignInCode } from '../users/sign-in-code.ts';
import { type Call, json } from './call.ts';
import { readTexts, readTextsAndCaller } from './texts.ts';
import { confirmationFields, magicAuthFields, presentUser, unusedOnMagicAuth } from './wire.ts';
import { presentCode } from './wire-codes.ts';

/** `POST /user_management/users/{id}/email_verification/send`; the SDK for JavaScript sends `{}`, others nothing. */
export async function answerSendVerification({ app, authenticate, key: id }: Call): Promise<HttpResponse> {
  return json(200, { user: presentUser(await sendEmailVerification(app, await authenticate(), id)) });
}

/** `POST /user_management/users/{id}/email_verification/confirm` */
export async function answerConfirmVerification(call: Call): Promise<HttpResponse> {
  const { perform, key: id } = call;
  const { code } = await readTexts(call, confirmationFields);
  const user = await perform((app, actor) => confirmEmailVerification(app, actor, id, code));
  return json(200, { user: presentUser(user) });
}

/** `POST /user_management/magic_auth` */
export async function answerCreateMagicAuth(call: Call): Promise<HttpResponse> {
  const { texts, client } = await readTextsAndCaller(call, magicAuthFields, unusedOnMagicAuth);
  const made = await createSignInCode(call.app, await call.authenticate(), texts.email, client);
  return json(201, presentCode('magic_auth', made));
}

/** `GET /user_management/email_verification/{id}` */
export async function answerEmailVerification({ app, key: id }: Call): Promise<HttpResponse> {
  const shown = await findShown(app, 'email_verification', id);
  if (!shown) throw entityNotFound('Email verification', id);
  return json(200, presentCode('email_verification', shown));
}

/** `GET /user_management/magic_auth/{id}` */
export async function answerMagicAuth({ app, key: id }: Call): Promise<HttpResponse> {
  const shown = await findShown(app, 'magic_auth', id);
  if (!shown) throw entityNotFound('Magic auth', id);
  return json(200, presentCode('magic_auth', shown));
}
