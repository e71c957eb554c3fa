import type { LocaleTexts } from './texts.ts';

export const es: LocaleTexts = {
  shared: {
    greeting: 'Hola:',
    codeLife: 'El código sirve una sola vez y caduca en {duration}.',
    linkLife: 'El enlace sirve una sola vez y caduca en {duration}.',
    linkAgain: 'Si el botón no funciona, copia esta dirección en tu navegador:',
    supportPage: 'Puedes ponerte en contacto con nosotros aquí: {support}',
    supportAddress: 'Puedes escribirnos a {support}',
    supportReply: 'Para ponerte en contacto con nosotros, responde a este correo.',
    sentTo: '{product} envió este correo a {address}.',
  },
  mails: {
    'email-verification': {
      subject: 'Confirma tu dirección de correo para {product}',
      lead: '{code} es el código que confirma tu dirección de correo para {product}.',
      notYou: 'Si no lo has pedido tú, puedes ignorar este correo. Sin el código no pasará nada.',
    },
    'email-change': {
      subject: 'Confirma tu nueva dirección de correo para {product}',
      lead: '{code} es el código que convierte {address} en la nueva dirección de tu cuenta de {product}.',
      notYou:
        'Si no lo has pedido tú, es posible que alguien se haya equivocado al escribir su propia dirección. Puedes ignorar este correo. Sin el código no cambiará nada.',
    },
    'email-change-approval': {
      subject: 'Aprueba la nueva dirección de correo de tu cuenta de {product}',
      lead: '{code} es el código que aprueba el cambio de la dirección de tu cuenta de {product} a {newEmail}.',
      notYou:
        'Si no lo has pedido tú, no compartas el código con nadie. Es posible que otra persona tenga una sesión abierta en tu cuenta: cambia tu contraseña ahora.',
    },
    'sign-in-code': {
      subject: 'Tu código para iniciar sesión en {product}',
      lead: '{code} es tu código para iniciar sesión en {product}.',
      details: 'Escríbelo solo en {product}. Nunca te lo pediremos.',
      notYou: 'Si no estás intentando iniciar sesión, puedes ignorar este correo. Sin el código no puede entrar nadie.',
    },
    'password-reset': {
      subject: 'Elige una nueva contraseña para {product}',
      lead: 'Aquí puedes elegir una nueva contraseña para tu cuenta de {product}:',
      action: 'Elegir una nueva contraseña',
      notYou: 'Si no lo has pedido tú, puedes ignorar este correo. Tu contraseña seguirá siendo la misma.',
    },
    'email-change-requested': {
      subject: 'Se ha solicitado una nueva dirección de correo para tu cuenta de {product}',
      lead: 'El {time} se solicitó cambiar la dirección de tu cuenta de {product} a {newEmail}.',
      details: 'Si has sido tú, no tienes que hacer nada. La dirección cambiará cuando se confirme la nueva.',
      notYou:
        'Si no has sido tú, es posible que otra persona tenga una sesión abierta en tu cuenta. Cambia tu contraseña ahora: así también se cancela el cambio de dirección.',
    },
    'email-changed': {
      subject: 'Se ha cambiado la dirección de correo de tu cuenta de {product}',
      lead: 'La dirección de tu cuenta de {product} se cambió a {newEmail} el {time}.',
      details: 'A partir de ahora inicias sesión con la nueva dirección, y nuestros correos se envían allí.',
      withProviders: 'Ya no puedes iniciar sesión con {providers}, porque dependía de la dirección anterior.',
      notYou:
        'Si no has sido tú, es posible que otra persona haya entrado en tu cuenta. Ponte en contacto con {product} cuanto antes.',
    },
    'email-taken': {
      subject: 'Alguien ha querido usar tu dirección de correo en {product}',
      lead: 'El {time} alguien quiso cambiar la dirección de otra cuenta de {product} a {address}. Esta dirección es la de tu cuenta, así que no se ha cambiado nada.',
      details: 'Si has sido tú, tienes dos cuentas. Inicia sesión con {address} para usar esta.',
      notYou: 'Si no has sido tú, no tienes que hacer nada. Tu cuenta está segura.',
    },
    'password-changed': {
      subject: 'Se ha cambiado tu contraseña de {product}',
      lead: 'La contraseña de tu cuenta de {product} se cambió el {time}.',
      withProviders: 'También puedes seguir iniciando sesión con {providers}.',
      notYou:
        'Si no has sido tú, es posible que otra persona haya entrado en tu cuenta. Restablece tu contraseña ahora y ponte en contacto con {product}.',
    },
    'password-removed': {
      subject: 'Se ha eliminado tu contraseña de {product}',
      lead: 'La contraseña de tu cuenta de {product} se eliminó el {time}. Ya no sirve para iniciar sesión.',
      withProviders: 'Puedes seguir iniciando sesión con {providers}.',
      notYou: 'Si no lo esperabas, ponte en contacto con {product}.',
    },
    'password-reset-done': {
      subject: 'Se ha restablecido tu contraseña de {product}',
      lead: 'El {time} se estableció una nueva contraseña para tu cuenta de {product}. Se han cerrado tus sesiones en todos los dispositivos.',
      withProviders: 'También puedes seguir iniciando sesión con {providers}.',
      notYou:
        'Si no has sido tú, es posible que otra persona pueda leer tu correo. Cambia primero la contraseña de tu buzón y después restablece la de {product} y ponte en contacto con nosotros.',
    },
    'identity-linked': {
      subject: 'Se ha vinculado {provider} a tu cuenta de {product}',
      lead: 'Desde el {time} puedes iniciar sesión en tu cuenta de {product} con {provider}.',
      notYou:
        'Si no has sido tú, es posible que otra persona haya entrado en tu cuenta. Elimina el vínculo, cambia tu contraseña y ponte en contacto con {product}.',
    },
    'identity-unlinked': {
      subject: 'Se ha eliminado una forma de iniciar sesión en tu cuenta de {product}',
      lead: 'Desde el {time} ya no puedes iniciar sesión en tu cuenta de {product} con {providers}.',
      notYou:
        'Si no has sido tú, es posible que otra persona haya entrado en tu cuenta. Cambia tu contraseña y ponte en contacto con {product}.',
    },
    'first-code-sign-in': {
      subject: 'Nuevo inicio de sesión en tu cuenta de {product} con un código',
      lead: 'El {time} alguien inició sesión por primera vez en tu cuenta de {product} con un código recibido por correo.',
      details: 'Si has sido tú, no tienes que hacer nada.',
      notYou:
        'Si no has sido tú, es posible que otra persona pueda leer tu correo. Cambia primero la contraseña de tu buzón y después ponte en contacto con {product}.',
    },
    'endpoint-disabled': {
      subject: 'Se ha desactivado un endpoint de webhooks de {product}',
      lead: 'Desde el {time}, {product} ya no envía nada al endpoint de webhooks {endpoint}: {url}',
      details: 'Todos los envíos de los últimos cinco días han fallado.',
      whenGone: 'Ha respondido con el estado 410: ya no existe.',
      notYou:
        'Cuando vuelva a funcionar, actívalo con updateWebhookEndpoint y reenvía lo que se ha perdido con replayWebhookEvents. Sus últimas respuestas están en la lista de entregas.',
    },
  },
};
