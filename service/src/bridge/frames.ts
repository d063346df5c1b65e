/** Cuts the bridge's byte stream into messages: a line of JSON, and the raw bytes that it announces. */
import { Compile } from 'typebox/compile';
import { Header } from './messages.ts';

export interface Frame {
  readonly header: Header;
  readonly payload: Buffer | undefined;
}

/** The protocol's longest line, and more than any payload we ask for, in bytes. */
const MAX_LINE = 1024 * 1024;
const MAX_PAYLOAD = 64 * 1024 * 1024;

const anyHeader = Compile(Header);

export class FrameReader {
  readonly #onFrame: (frame: Frame) => void;
  #pieces: Buffer[] = [];
  #size = 0;
  #expecting: { header: Header; bytes: number } | undefined;

  constructor(onFrame: (frame: Frame) => void) {
    this.#onFrame = onFrame;
  }

  /** @throws Error where the stream breaks the protocol; it cannot be read on after that */
  push(data: Buffer): void {
    this.#pieces.push(data);
    this.#size += data.length;
    if (!this.#expecting && !data.includes(0x0a)) {
      this.#refuseLong();
      return; // joined only once a line is whole, so that a long one costs no copies
    }
    if (this.#expecting && this.#size < this.#expecting.bytes) {
      return;
    }
    let rest = this.#pieces.length === 1 ? data : Buffer.concat(this.#pieces);
    for (;;) {
      if (this.#expecting) {
        const { header, bytes } = this.#expecting;
        if (rest.length < bytes) {
          break;
        }
        this.#expecting = undefined;
        this.#onFrame({ header, payload: rest.subarray(0, bytes) });
        rest = rest.subarray(bytes);
        continue;
      }
      const end = rest.indexOf(0x0a);
      if (end < 0) {
        break;
      }
      const header = parse(rest.subarray(0, end));
      rest = rest.subarray(end + 1);
      const bytes = 'result' in header ? header.bytes : undefined;
      if (bytes === undefined) {
        this.#onFrame({ header, payload: undefined });
      } else if (bytes > MAX_PAYLOAD) {
        throw new Error(`a payload of ${bytes} bytes`);
      } else {
        this.#expecting = { header, bytes };
      }
    }
    this.#pieces = rest.length > 0 ? [rest] : [];
    this.#size = rest.length;
    this.#refuseLong();
  }

  #refuseLong(): void {
    if (!this.#expecting && this.#size > MAX_LINE) {
      throw new Error(`a line of more than ${MAX_LINE} bytes`);
    }
  }
}

function parse(line: Buffer): Header {
  const header: unknown = JSON.parse(line.toString('utf8'));
  if (!anyHeader.Check(header)) {
    throw new Error('a message of an unknown form');
  }
  return header;
}
