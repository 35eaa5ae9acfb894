export default function Comparison(_: { rest: string }) {
  return null;
}
