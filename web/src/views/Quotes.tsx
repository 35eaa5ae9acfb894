export default function Quotes(_: { rest: string }) {
  return null;
}
