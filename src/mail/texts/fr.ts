import type { LocaleTexts } from './texts.ts';

export const fr: LocaleTexts = {
  shared: {
    greeting: 'Bonjour,',
    codeLife: 'Ce code ne fonctionne qu’une seule fois et reste valable {duration}.',
    linkLife: 'Ce lien ne fonctionne qu’une seule fois et reste valable {duration}.',
    linkAgain: 'Si le bouton ne fonctionne pas, copiez cette adresse dans votre navigateur\u00a0:',
    supportPage: 'Vous pouvez nous joindre ici\u00a0: {support}',
    supportAddress: 'Vous pouvez nous joindre à l’adresse {support}',
    supportReply: 'Pour nous joindre, il suffit de répondre à cet e-mail.',
    sentTo: '{product} a envoyé cet e-mail à {address}.',
  },
  mails: {
    'email-verification': {
      subject: 'Confirmez votre adresse e-mail pour {product}',
      lead: '{code} est le code qui confirme votre adresse e-mail pour {product}.',
      notYou: 'Si vous n’avez rien demandé, vous pouvez ignorer cet e-mail. Sans le code, il ne se passera rien.',
    },
    'email-change': {
      subject: 'Confirmez votre nouvelle adresse e-mail pour {product}',
      lead: '{code} est le code qui fera de {address} la nouvelle adresse de votre compte {product}.',
      notYou:
        'Si vous n’avez rien demandé, quelqu’un s’est peut-être trompé en saisissant sa propre adresse. Vous pouvez ignorer cet e-mail. Sans le code, rien ne changera.',
    },
    'email-change-approval': {
      subject: 'Approuvez la nouvelle adresse e-mail de votre compte {product}',
      lead: '{code} est le code qui approuve le remplacement de l’adresse de votre compte {product} par {newEmail}.',
      notYou:
        'Si vous n’avez rien demandé, ne communiquez ce code à personne. Quelqu’un d’autre est peut-être connecté à votre compte\u00a0: changez votre mot de passe sans attendre.',
    },
    'sign-in-code': {
      subject: 'Votre code de connexion à {product}',
      lead: '{code} est votre code de connexion à {product}.',
      details: 'Ne le saisissez que sur {product}. Nous ne vous le demanderons jamais.',
      notYou:
        'Si vous n’essayez pas de vous connecter, vous pouvez ignorer cet e-mail. Sans le code, personne ne peut accéder à votre compte.',
    },
    'password-reset': {
      subject: 'Choisissez un nouveau mot de passe pour {product}',
      lead: 'Vous pouvez choisir ici un nouveau mot de passe pour votre compte {product}\u00a0:',
      action: 'Choisir un nouveau mot de passe',
      notYou: 'Si vous n’avez rien demandé, vous pouvez ignorer cet e-mail. Votre mot de passe reste inchangé.',
    },
    'email-change-requested': {
      subject: 'Une nouvelle adresse e-mail a été demandée pour votre compte {product}',
      lead: 'Le {time}, une demande a été faite pour remplacer l’adresse de votre compte {product} par {newEmail}.',
      details: 'Si c’était vous, vous n’avez rien à faire. L’adresse changera dès que la nouvelle aura été confirmée.',
      notYou:
        'Si ce n’était pas vous, quelqu’un d’autre est peut-être connecté à votre compte. Changez votre mot de passe sans attendre\u00a0: cela annulera aussi le changement d’adresse.',
    },
    'email-changed': {
      subject: 'L’adresse e-mail de votre compte {product} a été changée',
      lead: 'L’adresse de votre compte {product} a été remplacée par {newEmail} le {time}.',
      details: 'Désormais, vous vous connectez avec la nouvelle adresse, et nos e-mails y sont envoyés.',
      withProviders: 'Vous ne pouvez plus vous connecter avec {providers}\u00a0: cela dépendait de l’ancienne adresse.',
      notYou:
        'Si ce n’était pas vous, quelqu’un d’autre a peut-être accès à votre compte. Contactez {product} sans attendre.',
    },
    'email-taken': {
      subject: 'Quelqu’un a voulu utiliser votre adresse e-mail pour {product}',
      lead: 'Le {time}, quelqu’un a voulu remplacer l’adresse d’un autre compte {product} par {address}. Cette adresse est celle de votre compte\u00a0: rien n’a donc été changé.',
      details: 'Si c’était vous, vous avez deux comptes. Connectez-vous avec {address} pour utiliser celui-ci.',
      notYou: 'Si ce n’était pas vous, vous n’avez rien à faire. Votre compte est en sécurité.',
    },
    'password-changed': {
      subject: 'Votre mot de passe {product} a été changé',
      lead: 'Le mot de passe de votre compte {product} a été changé le {time}.',
      withProviders: 'Vous pouvez aussi toujours vous connecter avec {providers}.',
      notYou:
        'Si ce n’était pas vous, quelqu’un d’autre a peut-être accès à votre compte. Réinitialisez votre mot de passe sans attendre et contactez {product}.',
    },
    'password-removed': {
      subject: 'Votre mot de passe {product} a été supprimé',
      lead: 'Le mot de passe de votre compte {product} a été supprimé le {time}. Il ne permet plus de se connecter.',
      withProviders: 'Vous pouvez toujours vous connecter avec {providers}.',
      notYou: 'Si vous ne vous y attendiez pas, contactez {product}.',
    },
    'password-reset-done': {
      subject: 'Votre mot de passe {product} a été réinitialisé',
      lead: 'Un nouveau mot de passe a été défini pour votre compte {product} le {time}. Votre compte a été déconnecté de tous les appareils.',
      withProviders: 'Vous pouvez aussi toujours vous connecter avec {providers}.',
      notYou:
        'Si ce n’était pas vous, quelqu’un d’autre lit peut-être vos e-mails. Changez d’abord le mot de passe de votre messagerie, puis réinitialisez celui de {product} et contactez-nous.',
    },
    'identity-linked': {
      subject: '{provider} a été associé à votre compte {product}',
      lead: 'Depuis le {time}, vous pouvez vous connecter à votre compte {product} avec {provider}.',
      notYou:
        'Si ce n’était pas vous, quelqu’un d’autre a peut-être accès à votre compte. Supprimez cette association, changez votre mot de passe et contactez {product}.',
    },
    'identity-unlinked': {
      subject: 'Un moyen de connexion a été retiré de votre compte {product}',
      lead: 'Depuis le {time}, vous ne pouvez plus vous connecter à votre compte {product} avec {providers}.',
      notYou:
        'Si ce n’était pas vous, quelqu’un d’autre a peut-être accès à votre compte. Changez votre mot de passe et contactez {product}.',
    },
    'first-code-sign-in': {
      subject: 'Nouvelle connexion à votre compte {product} avec un code',
      lead: 'Le {time}, quelqu’un s’est connecté pour la première fois à votre compte {product} avec un code reçu par e-mail.',
      details: 'Si c’était vous, vous n’avez rien à faire.',
      notYou:
        'Si ce n’était pas vous, quelqu’un d’autre lit peut-être vos e-mails. Changez d’abord le mot de passe de votre messagerie, puis contactez {product}.',
    },
    'endpoint-disabled': {
      subject: 'Un point de terminaison webhook de {product} a été désactivé',
      lead: 'Depuis le {time}, {product} n’envoie plus rien au point de terminaison webhook {endpoint}\u00a0: {url}',
      details: 'Tous les envois des cinq derniers jours ont échoué.',
      whenGone: 'Il a répondu avec le statut 410\u00a0: il n’existe plus.',
      notYou:
        'Quand il fonctionnera de nouveau, réactivez-le avec updateWebhookEndpoint et renvoyez ce qu’il a manqué avec replayWebhookEvents. Ses dernières réponses figurent dans la liste des envois.',
    },
  },
};
