/**
 * Slows down who guesses passwords: each failed login takes a token of the address, and of the user at that address; without
 * one the next is turned away unheard. Tokens come back with time, and a login that works costs none.
 */

interface Bucket {
  tokens: number;
  at: number;
}

interface Rate {
  readonly burst: number;
  readonly perSecond: number;
}

const PER_USER: Rate = { burst: 10, perSecond: 0.2 };
const PER_ADDRESS: Rate = { burst: 100, perSecond: 2 };
/** The oldest are forgotten: by then they are nearly full again. */
const BUCKETS_MAX = 10_000;

export class LoginThrottle {
  private readonly buckets = new Map<string, Bucket>();
  private readonly now: () => number;

  /** @param now milliseconds of a clock that only goes forward */
  constructor(now: () => number = () => performance.now()) {
    this.now = now;
  }

  /** Whether a login may be tried. */
  allows(address: string, user: string): boolean {
    return this.tokens(address, PER_ADDRESS) >= 1 && this.tokens(key(address, user), PER_USER) >= 1;
  }

  failed(address: string, user: string): void {
    this.take(address, PER_ADDRESS);
    this.take(key(address, user), PER_USER);
  }

  private tokens(name: string, { burst, perSecond }: Rate): number {
    const bucket = this.buckets.get(name);
    if (bucket === undefined) return burst;
    const seconds = (this.now() - bucket.at) / 1000;
    return Math.min(burst, bucket.tokens + seconds * perSecond);
  }

  private take(name: string, rate: Rate): void {
    const tokens = Math.max(0, this.tokens(name, rate) - 1);
    // Set anew, it is the youngest.
    this.buckets.delete(name);
    this.buckets.set(name, { tokens, at: this.now() });
    const [oldest] = this.buckets.keys();
    if (this.buckets.size > BUCKETS_MAX && oldest !== undefined) this.buckets.delete(oldest);
  }
}

const key = (address: string, user: string): string => `${address} ${user}`;
