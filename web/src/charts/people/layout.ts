/** Where one person's events stand: a lane a channel, quiet days folded, what belongs together drawn as one mark. */

/** What is drawn of an event; several of one visit and channel are one mark. */
export type Spot = {
  /** Its place in the list that the picture belongs to. */
  row: number;
  /** Milliseconds since 1970. */
  time: number;
  visit: string;
  channel: string;
  name: string;
  repeat: number;
  /** How it feels, −5 to 5. */
  sentiment: number | null;
  /** A score that was given, as it is written. */
  score: string | null;
  said: boolean;
  amount: Amount | null;
};
/** Money that comes in, money that goes, or an amount of which nobody says what it is. */
export type Amount = 'income' | 'cost' | 'amount';
export type Kind = 'event' | 'said' | 'bad' | Amount;
export type Mark = {
  rows: number[];
  x: number;
  lane: number;
  time: number;
  kind: Kind;
  mood: number | null;
  score: string | null;
  names: string[];
  n: number;
};
export type Gap = { x: number; days: number };
export type Drawn = { marks: Mark[]; gaps: Gap[]; lanes: string[]; width: number };

export const MOST_LANES = 9;
export const LEAST_STEP = 15;
const DAY = 86_400_000;
/** A pause of more days than this is folded. */
const QUIET = 3;
/** A sentiment at or below this is told by a mark of its own. */
export const BAD = -1;

/** Channels by when they came up first; the rarest share the last lane. */
export function lanesOf(spots: Spot[], other: string): { lanes: string[]; laneOf: (channel: string) => number } {
  const counts = new Map<string, number>();
  for (const spot of spots) counts.set(spot.channel, (counts.get(spot.channel) ?? 0) + 1);
  let kept = [...counts.keys()];
  if (kept.length > MOST_LANES) {
    const most = new Set(
      [...counts]
        .sort((a, b) => b[1] - a[1])
        .slice(0, MOST_LANES - 1)
        .map(([name]) => name),
    );
    kept = kept.filter((name) => most.has(name));
  }
  const lanes = kept.length < counts.size ? [...kept, other] : kept;
  const places = new Map(kept.map((name, i) => [name, i]));
  return { lanes, laneOf: (channel) => places.get(channel) ?? lanes.length - 1 };
}

function kindOf(spots: Spot[]): Kind {
  if (spots.some((spot) => spot.sentiment !== null && spot.sentiment <= BAD)) return 'bad';
  if (spots.some((spot) => spot.said)) return 'said';
  const amounts = new Set(spots.flatMap((spot) => (spot.amount === null ? [] : [spot.amount])));
  const [only] = amounts;
  return amounts.size > 1 ? 'amount' : (only ?? 'event');
}

function meanOf(spots: Spot[]): number | null {
  const felt = spots.flatMap((spot) => (spot.sentiment === null ? [] : [spot.sentiment]));
  return felt.length ? felt.reduce((a, b) => a + b, 0) / felt.length : null;
}

/** Lay out events, oldest first, in a width; the picture is wider where they would stand too close. */
export function laidOut(spots: Spot[], width: number, other: string): Drawn {
  const { lanes, laneOf } = lanesOf(spots, other);
  const groups: Spot[][] = [];
  for (const spot of spots) {
    const last = groups.at(-1);
    const first = last?.[0];
    // what was said is a mark of its own each time, so that the marks are as many as the sentence says
    const joins = first && !spot.said && !first.said && first.visit === spot.visit;
    if (joins && laneOf(first.channel) === laneOf(spot.channel)) last?.push(spot);
    else groups.push([spot]);
  }
  const at: number[] = [];
  const folded: { i: number; days: number }[] = [];
  groups.forEach((group, i) => {
    const before = groups[i - 1]?.at(-1);
    const days = before ? ((group[0] as Spot).time - before.time) / DAY : 0;
    if (days > QUIET) folded.push({ i, days: Math.round(days) });
    const wide = days > QUIET ? 1.5 : Math.max(0.62, Math.min(1.4, days * 0.9));
    at.push(before ? (at[i - 1] as number) + wide : 0);
  });
  const whole = at.at(-1) || 1;
  const wide = Math.max(width, 36 + groups.length * LEAST_STEP);
  const x = (i: number) => (groups.length === 1 ? wide / 2 : 18 + ((at[i] as number) / whole) * (wide - 36));
  const marks = groups.map((group, i) => ({
    rows: group.map((spot) => spot.row),
    x: x(i),
    lane: laneOf((group[0] as Spot).channel),
    time: (group[0] as Spot).time,
    kind: kindOf(group),
    mood: meanOf(group),
    score: group.find((spot) => spot.score !== null)?.score ?? null,
    names: [...new Set(group.map((spot) => spot.name))],
    n: group.reduce((a, spot) => a + spot.repeat, 0),
  }));
  return { marks, gaps: folded.map(({ i, days }) => ({ x: (x(i) + x(i - 1)) / 2, days })), lanes, width: wide };
}
