/** Hands a text on when its typing rests. */

const REST = 200;

export class Typing {
  private pending: string | null = null;
  private timer: ReturnType<typeof setTimeout> | undefined;

  /** `handed`: the text as it is known outside, where it comes back to while the typing may go on. */
  constructor(
    private handed: string,
    private readonly hand: (text: string) => void,
  ) {}

  type(text: string): void {
    clearTimeout(this.timer);
    this.pending = text;
    this.timer = setTimeout(this.flush, REST);
  }

  /** Now, such as before the address changes. */
  readonly flush = (): void => {
    const text = this.pending;
    this.drop();
    if (text === null) return;
    this.handed = text;
    this.hand(text);
  };

  drop(): void {
    clearTimeout(this.timer);
    this.pending = null;
  }

  /** Whether the text changed outside; what was typed is then out of date. */
  outdatedBy(text: string): boolean {
    if (text === this.handed) return false;
    this.handed = text;
    this.drop();
    return true;
  }
}
