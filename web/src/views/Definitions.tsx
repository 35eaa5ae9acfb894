export default function Definitions(_: { rest: string }) {
  return null;
}
