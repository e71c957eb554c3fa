import { findShown } from '../codes/find.ts';
import { passwordResetUrl } from '../config/password-reset-url.ts';
import { entityNotFound } from '../errors.ts';
import type { HttpResponse } from '../request/messages.ts';
import { confirmPasswordReset } from '../users/confirm-password-reset.ts';
import { createPasswordReset } from '../users/password-reset.ts';
import { type Call, json } from './call.ts';
import { readTexts, readTextsAndCaller } from './texts.ts';
import { newPasswordFields, presentUser, resetFields } from './wire.ts';
import { presentReset } from './wire-codes.ts';

/** `POST /user_management/password_reset` */
export async function answerCreateReset(call: Call): Promise<HttpResponse> {
  const { app, authenticate } = call;
  const { texts, client } = await readTextsAndCaller(call, resetFields);
  const made = await createPasswordReset(app, await authenticate(), texts.email, client);
  return json(201, presentReset(made, passwordResetUrl(app.config, made.secret)));
}

/** `GET /user_management/password_reset/{id}` */
export async function answerReset({ app, key: id }: Call): Promise<HttpResponse> {
  const shown = await findShown(app, 'password_reset', id);
  if (!shown) throw entityNotFound('Password reset', id);
  return json(200, presentReset(shown, passwordResetUrl(app.config, shown.secret)));
}

/** `POST /user_management/password_reset/confirm` */
export async function answerConfirmReset(call: Call): Promise<HttpResponse> {
  const given = await readTexts(call, newPasswordFields);
  const user = await call.perform((app, actor) => confirmPasswordReset(app, actor, given));
  return json(200, { user: presentUser(user) });
}
