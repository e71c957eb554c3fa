import { createHash, type KeyObject, sign } from 'node:crypto';

/** Tags of DER, ITU-T X.690. */
const tags = {
  integer: 0x02,
  bitString: 0x03,
  utf8String: 0x0c,
  generalizedTime: 0x18,
  sequence: 0x30,
  set: 0x31,
  version: 0xa0,
};

/** sha256WithRSAEncryption with its NULL (RFC 4055, section 5), and commonName (RFC 5280, appendix A), in DER. */
const sha256WithRsa = Buffer.from('300d06092a864886f70d01010b0500', 'hex');
const commonName = Buffer.from('0603550403', 'hex');

/** The date of a certificate that has no end (RFC 5280, section 4.1.2.5). */
const never = '99991231235959Z';

/**
 * An X.509 certificate of an RSA key that it signs itself, in DER: some libraries take a public key out of `x5c` (RFC 7517,
 * section 4.7) and nowhere else. It vouches for nothing but the key in it.
 */
export function selfSignedCertificate(publicKey: KeyObject, privateKey: KeyObject, now: Date): Buffer {
  const spki = publicKey.export({ format: 'der', type: 'spki' });
  const serial = createHash('sha256').update(spki).digest().subarray(0, 16);
  serial[0] = ((serial[0] as number) & 0x7f) | 0x40; // a positive number without leading zeros
  const name = der(
    tags.sequence,
    der(tags.set, der(tags.sequence, commonName, der(tags.utf8String, Buffer.from('Roster')))),
  );
  const times = [now.toISOString().replace(/[-:T]|\.\d+/g, ''), never];
  const toBeSigned = der(
    tags.sequence,
    der(tags.version, der(tags.integer, Buffer.from([2]))), // that is version 3
    der(tags.integer, serial),
    sha256WithRsa,
    name,
    der(tags.sequence, ...times.map((time) => der(tags.generalizedTime, Buffer.from(time)))),
    name,
    spki,
  );
  const signature = sign('sha256', toBeSigned, privateKey);
  return der(tags.sequence, toBeSigned, sha256WithRsa, der(tags.bitString, Buffer.from([0]), signature));
}

function der(tag: number, ...contents: Buffer[]): Buffer {
  const content = Buffer.concat(contents);
  return Buffer.concat([Buffer.from([tag, ...lengthOf(content.length)]), content]);
}

function lengthOf(length: number): number[] {
  if (length < 0x80) return [length];
  return length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
}
