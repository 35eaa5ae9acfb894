/** Pictograms, drawn as one stroke; each stands beside its word, never instead of it. */
const P: Record<string, string> = {
  overview: 'M4 13h6V4H4zM14 20h6v-9h-6zM4 20h6v-4H4zM14 8h6V4h-6z',
  journeys: 'M5 18c6 0 4-12 14-12M5 18m-2 0a2 2 0 1 0 4 0a2 2 0 1 0-4 0M19 6m-2 0a2 2 0 1 0 4 0a2 2 0 1 0-4 0',
  voice: 'M4 5h16v11H9l-5 4z',
  cohorts: 'M4 4h4v4H4zM10 4h4v4h-4zM16 4h4v4h-4zM4 10h4v4H4zM10 10h4v4h-4zM4 16h4v4H4z',
  value: 'M4 19h16M7 16v-4M12 16V6M17 16v-7',
  live: 'M12 12m-2 0a2 2 0 1 0 4 0a2 2 0 1 0-4 0M7.5 16.5a6.4 6.4 0 0 1 0-9M16.500 7.500a6.400 6.400 0 0 1 0 9M4.700 19.300a10.300 10.300 0 0 1 0-14.600M19.300 4.700a10.300 10.300 0 0 1 0 14.600',
  people:
    'M9 11a3.500 3.500 0 1 0 0-7a3.500 3.500 0 0 0 0 7M3 20c0-4 2.700-6 6-6s6 2 6 6M16 4.300a3.500 3.500 0 0 1 0 6.500M17 14.300c2.500.6 4 2.500 4 5.700',
  data: 'M4 6c0-4 16-4 16 0s-16 4-16 0v12c0 4 16 4 16 0V6M4 12c0 4 16 4 16 0',
  alerts: 'M6 16V10a6 6 0 0 1 12 0v6l2 2H4zM10 21h4',
  web: 'M12 3a9 9 0 1 0 0 18a9 9 0 0 0 0-18M3 12h18M12 3c5 5 5 13 0 18M12 3c-5 5-5 13 0 18',
  app: 'M8 3h8a1.500 1.500 0 0 1 1.500 1.500v15A1.500 1.500 0 0 1 16 21H8a1.500 1.500 0 0 1-1.500-1.500v-15A1.500 1.500 0 0 1 8 3M11 18h2',
  email: 'M3 6h18v12H3zM3 7l9 7l9-7',
  phone: 'M5 4h4l2 5l-2.500 1.500a11 11 0 0 0 5 5L15 13l5 2v4c0 1-1 2-2 2C10 21 3 14 3 6c0-1 1-2 2-2z',
  chat: 'M4 5h16v10H10l-4 4v-4H4z',
  store: 'M4 10v10h16V10M3 10l2-6h14l2 6zM10 20v-6h4v6',
  field: 'M14 7a4 4 0 0 1 5-3l-2.500 2.500l1 1L20 5a4 4 0 0 1-5 5L7 18.500A1.800 1.800 0 0 1 4.500 16z',
  partner:
    'M10 14l-3 3a3.500 3.500 0 0 1-5-5l4-4a3.500 3.500 0 0 1 5 0M14 10l3-3a3.500 3.500 0 0 1 5 5l-4 4a3.500 3.500 0 0 1-5 0',
  survey: 'M6 3h12v18H6zM9 8h6M9 12h6M9 16h3',
  down: 'M6 9l6 6l6-6',
  close: 'M6 6l12 12M18 6L6 18',
  share: 'M12 15V3M8 7l4-4l4 4M5 12v8h14v-8',
  sun: 'M12 8a4 4 0 1 0 0 8a4 4 0 0 0 0-8M12 2v2M12 20v2M2 12h2M20 12h2M5 5l1.500 1.500M17.500 17.500L19 19M5 19l1.500-1.500M17.500 6.500L19 5',
  check: 'M5 13l4 4L19 7',
  out: 'M4 4h8v16H4M10 12h10M16 8l4 4l-4 4',
  save: 'M6 3h12v18l-6-5l-6 5z',
  search: 'M11 4a7 7 0 1 0 0 14a7 7 0 0 0 0-14M16 16l5 5',
  menu: 'M4 7h16M4 12h16M4 17h16',
  plus: 'M12 5v14M5 12h14',
  bolt: 'M13 3L5 14h6l-1 7l8-11h-6z',
  flag: 'M6 21V4h12l-3 4l3 4H6',
  loop: 'M20 12a8 8 0 1 1-3-6.200M20 4v5h-5',
  clock: 'M12 3a9 9 0 1 0 0 18a9 9 0 0 0 0-18M12 7v5l3 2',
};
export function Icon({ n, s = 16, c }: { n: string; s?: number; c?: string }) {
  return (
    <svg
      className={'ico ' + (c ?? '')}
      width={s}
      height={s}
      viewBox="0 0 24 24"
      aria-hidden="true"
      fill="none"
      stroke="currentColor"
      strokeWidth={s > 18 ? 1.7 : 2}
      strokeLinecap="round"
      strokeLinejoin="round"
    >
      <path d={P[n] ?? P.flag} />
    </svg>
  );
}
