export default function Friction(_: { rest: string }) {
  return null;
}
