import { createHmac, timingSafeEqual } from 'node:crypto';

/** A place in the list: behind the property that it names. */
export interface Cursor {
  /** As stored, UTC; null: not sold. */
  readonly soldTime: string | null;
  readonly id: number;
}

const SIGNATURE_BYTES = 12;
const PLACE = /^(\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2})?\|([1-9]\d{0,15})$/;

/** Writes and reads cursors, signed so that only our own are taken: nobody is to rely on what is in them. */
export class CursorCodec {
  readonly #key: string;

  /** @param secret the same in all processes of the service */
  constructor(secret: string) {
    this.#key = `cursor:${secret}`;
  }

  /** Opaque, for a URL as it is. */
  write({ soldTime, id }: Cursor): string {
    const place = Buffer.from(`${soldTime ?? ''}|${id}`, 'latin1');
    return Buffer.concat([this.#sign(place), place]).toString('base64url');
  }

  /** @returns undefined when it is none of ours */
  read(text: string): Cursor | undefined {
    const bytes = Buffer.from(text, 'base64url');
    // Decoding is lenient; one cursor shall have one text.
    if (bytes.length <= SIGNATURE_BYTES || bytes.toString('base64url') !== text) return undefined;
    const place = bytes.subarray(SIGNATURE_BYTES);
    if (!timingSafeEqual(bytes.subarray(0, SIGNATURE_BYTES), this.#sign(place))) return undefined;
    const match = PLACE.exec(place.toString('latin1'));
    return match === null ? undefined : { soldTime: match[1] ?? null, id: Number(match[2]) };
  }

  #sign(place: Buffer): Buffer {
    return createHmac('sha256', this.#key).update(place).digest().subarray(0, SIGNATURE_BYTES);
  }
}
