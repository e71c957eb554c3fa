import type { LocaleTexts } from './texts.ts';

export const en: LocaleTexts = {
  shared: {
    greeting: 'Hello,',
    codeLife: 'The code works once and is valid for {duration}.',
    linkLife: 'The link works once and is valid for {duration}.',
    linkAgain: 'If the button does not work, copy this address into your browser:',
    supportPage: 'You can reach us here: {support}',
    supportAddress: 'You can reach us at {support}',
    supportReply: 'To reach us, simply reply to this email.',
    sentTo: '{product} sent this email to {address}.',
  },
  mails: {
    'email-verification': {
      subject: 'Confirm your email address for {product}',
      lead: '{code} is the code that confirms your email address for {product}.',
      notYou: 'If you did not request this, you can ignore this email. Nothing happens without the code.',
    },
    'email-change': {
      subject: 'Confirm your new email address for {product}',
      lead: '{code} is the code that makes {address} the new address of your {product} account.',
      notYou:
        'If you did not request this, somebody may have mistyped their own address. You can ignore this email. Nothing changes without the code.',
    },
    'email-change-approval': {
      subject: 'Approve the new email address of your {product} account',
      lead: '{code} is the code that approves changing the address of your {product} account to {newEmail}.',
      notYou:
        'If you did not request this, do not share the code with anyone. Somebody else may be signed in to your account: change your password now.',
    },
    'sign-in-code': {
      subject: 'Your code to sign in to {product}',
      lead: '{code} is your code to sign in to {product}.',
      details: 'Enter it only in {product} itself. We will never ask you for it.',
      notYou: 'If you are not trying to sign in, you can ignore this email. Nobody can get in without the code.',
    },
    'password-reset': {
      subject: 'Choose a new password for {product}',
      lead: 'You can choose a new password for your {product} account here:',
      action: 'Choose a new password',
      notYou: 'If you did not request this, you can ignore this email. Your password stays as it is.',
    },
    'email-change-requested': {
      subject: 'A new email address was requested for your {product} account',
      lead: 'On {time}, somebody asked to change the address of your {product} account to {newEmail}.',
      details: 'If this was you, there is nothing to do here. The address changes once the new one is confirmed.',
      notYou:
        'If this was not you, somebody else may be signed in to your account. Change your password now: that also cancels the change.',
    },
    'email-changed': {
      subject: 'The email address of your {product} account was changed',
      lead: 'The address of your {product} account was changed to {newEmail} on {time}.',
      details: 'From now on, you sign in with the new address, and our emails go there.',
      withProviders: 'You can no longer sign in with {providers}, which belonged to the old address.',
      notYou:
        'If this was not you, somebody else may have got into your account. Please get in touch with {product} right away.',
    },
    'email-taken': {
      subject: 'Somebody wanted to use your email address for {product}',
      lead: 'On {time}, somebody with another {product} account wanted to change its address to {address}. This address belongs to your account, so nothing was changed.',
      details: 'If this was you, you have two accounts. Sign in with {address} to use this one.',
      notYou: 'If this was not you, there is nothing you need to do. Your account is safe.',
    },
    'password-changed': {
      subject: 'Your {product} password was changed',
      lead: 'The password of your {product} account was changed on {time}.',
      withProviders: 'You can also still sign in with {providers}.',
      notYou:
        'If this was not you, somebody else may have got into your account. Reset your password now and get in touch with {product}.',
    },
    'password-removed': {
      subject: 'Your {product} password was removed',
      lead: 'The password of your {product} account was removed on {time}. It can no longer be used to sign in.',
      withProviders: 'You can still sign in with {providers}.',
      notYou: 'If you did not expect this, please get in touch with {product}.',
    },
    'password-reset-done': {
      subject: 'Your {product} password was reset',
      lead: 'A new password was set for your {product} account on {time}. You have been signed out on all devices.',
      withProviders: 'You can also still sign in with {providers}.',
      notYou:
        'If this was not you, somebody else may be able to read your email. Change the password of your mailbox first, then reset your {product} password and get in touch with us.',
    },
    'identity-linked': {
      subject: '{provider} was linked to your {product} account',
      lead: 'Since {time}, you can sign in to your {product} account with {provider}.',
      notYou:
        'If this was not you, somebody else may have got into your account. Remove the link, change your password, and get in touch with {product}.',
    },
    'identity-unlinked': {
      subject: 'A sign-in option was removed from your {product} account',
      lead: 'Since {time}, you can no longer sign in to your {product} account with {providers}.',
      notYou:
        'If this was not you, somebody else may have got into your account. Change your password and get in touch with {product}.',
    },
    'first-code-sign-in': {
      subject: 'New sign-in to your {product} account by email code',
      lead: 'On {time}, somebody signed in to your {product} account with a code from an email for the first time.',
      details: 'If this was you, there is nothing to do.',
      notYou:
        'If this was not you, somebody else may be able to read your email. Change the password of your mailbox first, then get in touch with {product}.',
    },
    'endpoint-disabled': {
      subject: 'A webhook endpoint of {product} was disabled',
      lead: 'Since {time}, {product} sends nothing more to the webhook endpoint {endpoint}: {url}',
      details: 'Everything that was sent there in the last five days has failed.',
      whenGone: 'It answered with the status 410, which says that it is gone for good.',
      notYou:
        'When it works again, enable it with updateWebhookEndpoint, and send what it has missed with replayWebhookEvents. Its deliveries show what it answered last.',
    },
  },
};
