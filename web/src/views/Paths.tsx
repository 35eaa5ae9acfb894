export default function Paths(_: { rest: string }) {
  return null;
}
