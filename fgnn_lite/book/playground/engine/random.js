// The random numbers of NumPy and PyTorch, written out: any seed gives fgnn_lite's own numbers.

// NumPy's SeedSequence: whole numbers in, well-mixed 32-bit words out.
function seedWords(numbers, count) {
  const entropy = numbers.flatMap(number => {
    const words = [number % 2 ** 32];
    for (let rest = Math.floor(number / 2 ** 32); rest > 0; rest = Math.floor(rest / 2 ** 32))
      words.push(rest % 2 ** 32);
    return words;
  });
  let constant = 0x43b0d7e5;
  const hashed = value => {
    value ^= constant;
    constant = Math.imul(constant, 0x931e8875);
    value = Math.imul(value, constant);
    return value ^ (value >>> 16);
  };
  const mixed = (x, y) => {
    const value = Math.imul(0xca01f9dd, x) - Math.imul(0x4973f715, y);
    return value ^ (value >>> 16);
  };
  const pool = [0, 1, 2, 3].map(i => hashed(entropy[i] ?? 0));
  for (let from = 0; from < Math.max(4, entropy.length); from++)
    for (let to = 0; to < 4; to++)
      if (from !== to)
        pool[to] = mixed(pool[to], hashed(from < 4 ? pool[from] : entropy[from]));
  constant = 0x8b51f9dd;
  return range(count, i => {
    let value = pool[i % 4] ^ constant;
    constant = Math.imul(constant, 0x58f38ded);
    value = Math.imul(value, constant);
    return (value ^ (value >>> 16)) >>> 0;
  });
}

// PyTorch's generator on a CPU, the Mersenne Twister, seeded by `seeds.derive(seed, purpose)`.
class TorchRandom {
  constructor(seed, purpose) {
    const [low, high] = seedWords([seed, purpose], 2);
    this.state = new Uint32Array(624);
    this.state[0] = (low >>> 1) | (high << 31); // PyTorch takes the lower half of derive's number
    for (let i = 1; i < 624; i++) {
      const last = this.state[i - 1] ^ (this.state[i - 1] >>> 30);
      this.state[i] = Math.imul(1812433253, last) + i;
    }
    this.next = 624;
  }

  word() {
    const s = this.state;
    if (this.next === 624) {
      for (let i = 0; i < 624; i++) {
        const y = (s[i] & 0x80000000) | (s[(i + 1) % 624] & 0x7fffffff);
        s[i] = s[(i + 397) % 624] ^ (y >>> 1) ^ (y & 1 ? 0x9908b0df : 0);
      }
      this.next = 0;
    }
    let y = s[this.next++];
    y ^= y >>> 11;
    y ^= (y << 7) & 0x9d2c5680;
    y ^= (y << 15) & 0xefc60000;
    return (y ^ (y >>> 18)) >>> 0;
  }

  // `torch.rand` in float32: in [low, high).
  uniform(low = 0, high = 1) {
    low = Math.fround(low);
    const width = Math.fround(Math.fround(high) - low);
    return Math.fround((this.word() & 0xffffff) / 2 ** 24 * width + low); // rounded once
  }

  uniforms(count, bound) {
    return Float32Array.from({ length: count }, () => this.uniform(-bound, bound));
  }

  // `torch.randn` in float32: Box and Muller's pairs, from 16 numbers on in blocks of 16.
  normals(count) {
    const out = new Float32Array(count);
    if (count < 16) {
      const double = () => {
        const high = this.word() & 0x1fffff;
        return (high * 2 ** 32 + this.word()) / 2 ** 53;
      };
      for (let i = 0; i < count; i += 2) {
        const angle = 2 * Math.PI * double();
        const radius = Math.sqrt(-2 * Math.log1p(-double()));
        out[i] = radius * Math.cos(angle);
        out[i + 1] = radius * Math.sin(angle); // beyond the end: dropped
      }
      return out;
    }
    for (let i = 0; i < count; i++) out[i] = this.uniform();
    const round = Math.fround; // where PyTorch rounds; its own kernels differ in the last digit
    const block = start => {
      for (let i = start; i < start + 8; i++) {
        const radius = round(Math.sqrt(-2 * round(Math.log(1 - out[i]))));
        const angle = round(round(2 * Math.PI) * out[i + 8]);
        out[i] = radius * round(Math.cos(angle));
        out[i + 8] = radius * round(Math.sin(angle));
      }
    };
    for (let start = 0; start + 16 <= count; start += 16) block(start);
    if (count % 16) {
      for (let i = count - 16; i < count; i++) out[i] = this.uniform();
      block(count - 16);
    }
    return out;
  }
}

// NumPy's default generator, PCG64, as far as splits and edges need it.
class NumpyRandom {
  constructor(...seed) {
    const [a, b, c, d, e, f, g, h] = seedWords(seed, 8).map(BigInt);
    const whole = (low, high, low2, high2) => (((high << 32n) | low) << 64n) | (high2 << 32n) | low2;
    this.step = (whole(e, f, g, h) << 1n) | 1n;
    this.state = BigInt.asUintN(128, this.step + whole(a, b, c, d));
    this.move();
    this.half = null; // the upper half of a number of which only the lower one was used
  }

  move() {
    const next = this.state * 0x2360ed051fc65da44385df649fccf645n + this.step;
    this.state = BigInt.asUintN(128, next);
  }

  long() {
    this.move();
    const folded = BigInt.asUintN(64, this.state ^ (this.state >> 64n));
    const turn = this.state >> 122n;
    return BigInt.asUintN(64, (folded >> turn) | (folded << (64n - turn)));
  }

  word() {
    if (this.half !== null) {
      const word = this.half;
      this.half = null;
      return word;
    }
    const long = this.long();
    this.half = Number(long >> 32n);
    return Number(long & 0xffffffffn);
  }

  // A whole number from 0 to most, all equally likely: what is too large is drawn again.
  upTo(most) {
    if (most === 0) return 0;
    const mask = 2 ** (32 - Math.clz32(most)) - 1;
    for (;;) {
      const value = (this.word() & mask) >>> 0;
      if (value <= most) return value;
    }
  }

  // The same, by Lemire's way, below `count`: some of NumPy's functions draw so.
  below(count) {
    const least = 2 ** 32 % count;
    for (;;) {
      const product = BigInt(this.word()) * BigInt(count);
      if (Number(product & 0xffffffffn) >= least) return Number(product >> 32n);
    }
  }

  // `count` different whole numbers below `many` (Floyd's way), as `choice` draws them.
  some(many, count) {
    const out = new Set();
    for (let j = many - count; j < many; j++) {
      const value = this.below(j + 1);
      out.add(out.has(value) ? j : value);
    }
    for (let i = count - 1; i > 0; i--) this.below(i + 1); // it also shuffles them
    return out;
  }

  shuffled(values) {
    const out = Array.from(values);
    for (let i = out.length - 1; i > 0; i--) {
      const j = this.upTo(i);
      [out[i], out[j]] = [out[j], out[i]];
    }
    return out;
  }
}
