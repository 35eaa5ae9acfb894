export default function Funnel(_: { rest: string }) {
  return null;
}
