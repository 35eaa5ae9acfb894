export default function Retention(_: { rest: string }) {
  return null;
}
